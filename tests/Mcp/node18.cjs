// The suite is made for a Node.js that has this among its globals; Debian 12's has it in a module.
globalThis.File ??= require('node:buffer').File;
