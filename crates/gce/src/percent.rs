//! Percent-encoding of path segments, queries and forms.

use std::fmt::Write as _;

/// A string as one segment of a path or one part of a query: all but letters, digits, `-`, `.`, `_` and `~` encoded.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Pairs as a query or form.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> String {
    let parts: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_unreserved_characters_is_encoded() {
        assert_eq!(encoded("a/b c-ü~"), "a%2Fb%20c-%C3%BC~");
        assert_eq!(pairs(&[("prefix", "a/"), ("alt", "media")]), "prefix=a%2F&alt=media");
    }
}
