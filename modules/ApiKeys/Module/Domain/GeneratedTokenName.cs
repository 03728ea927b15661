using System.Globalization;
using System.Security.Cryptography;

namespace Modular.ApiKeys.Domain;

/// <summary>
/// Names for tokens whose creator gave none: <c>adjective_surname</c> and two digits, such as <c>quiet_curie07</c>. Over half a million
/// of them, so a name that the user has already is rare and is simply drawn again.
/// </summary>
internal static class GeneratedTokenName
{
    private static readonly string[] Adjectives =
    [
        "able", "agile", "airy", "alert", "ample", "amber", "apt", "autumn", "blithe", "bold", "brave", "breezy", "bright", "brisk", "calm",
        "candid", "careful", "cheery", "clear", "clever", "cordial", "crisp", "curious", "daring", "deft", "eager", "early", "earnest",
        "fair", "fancy", "fleet", "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "happy", "hardy", "hearty", "honest",
        "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble",
        "noble", "patient", "plucky", "polite", "proud", "quick", "quiet", "ready", "serene", "sharp", "silent", "silver", "sincere",
        "spry", "steady", "sunny", "swift", "tender", "tidy", "tranquil", "upbeat", "vivid", "warm", "wise", "witty", "zesty",
    ];

    private static readonly string[] Surnames =
    [
        "agnesi", "alhazen", "ampere", "archimedes", "avogadro", "babbage", "bardeen", "bohr", "boltzmann", "bose", "brahe", "carson",
        "cauchy", "chandrasekhar", "clarke", "copernicus", "cori", "curie", "darwin", "dirac", "einstein", "elion", "euclid", "euler",
        "faraday", "fermat", "fermi", "feynman", "franklin", "galilei", "gauss", "germain", "goodall", "hamilton", "hawking",
        "heisenberg", "hertz", "hilbert", "hodgkin", "hopper", "hubble", "hypatia", "jemison", "johnson", "joliot", "kepler", "khayyam",
        "kovalevskaya", "lamarr", "lavoisier", "leavitt", "leibniz", "linnaeus", "lovelace", "maxwell", "mcclintock", "meitner", "mendel",
        "mirzakhani", "morse", "newton", "noether", "pascal", "pasteur", "pauli", "planck", "poincare", "ptolemy", "raman", "ramanujan",
        "ride", "riemann", "rubin", "rutherford", "sagan", "shannon", "somerville", "tesla", "tharp", "turing", "volta", "wu",
    ];

    /// <summary>At most 32 characters: the longest words and what joins them make 24.</summary>
    internal static string Draw() => string.Create(
        CultureInfo.InvariantCulture, $"{Any(Adjectives)}_{Any(Surnames)}{RandomNumberGenerator.GetInt32(100):00}");

    private static string Any(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
