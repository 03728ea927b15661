namespace Modular.Users.Import;

internal static class ImportErrors
{
    internal static readonly Error NotAFile = new(
        ErrorKind.UnsupportedMediaType,
        "users.import_not_a_file",
        "This is no file that can be imported.",
        "Send application/x-ndjson, or text/csv with a header line, in UTF-8 and without Content-Encoding.");

    internal static readonly Error TooLarge = new(
        ErrorKind.TooLarge, "users.import_too_large", "The file is too large.", $"It may have {LineReader.MaxFileBytes:N0} bytes. Send it in parts.");

    internal static readonly Error NoHeader = Error.Invalid(
        "users.import_no_header",
        "The file has no header line that can be used.",
        "The first line names the columns, separated by commas, such as email,username,name.");

    internal static Error ColumnTwice(string column) => Error.Invalid(
        "users.import_column_twice", "The header names a column twice.", $"Leave one of the columns '{column}' out.");
}
