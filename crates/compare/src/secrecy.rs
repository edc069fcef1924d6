//! What is never part of a finding: private keys, in PEM or base64, and values of fields that hold secrets.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::content;
use crate::path::{Path, Segment};

/// Stands for a private key.
pub(crate) const PRIVATE_KEY: &str = "(private key)";
/// Stands for the value of a field that holds a secret.
pub(crate) const SECRET: &str = "(secret)";
/// Stands for such a value that differs from the earlier one.
const ANOTHER_SECRET: &str = "(another secret)";
/// Stands for a document that cannot be read and may hold a secret.
const UNREADABLE: &str = "(not shown: it may hold a secret, and it is no valid YAML)\n";

const BEGIN: &str = "-----BEGIN ";
const MARK: &str = "PRIVATE KEY";
/// Longer lines are not the first line of a PEM block.
const LONGEST_LABEL: usize = 64;
/// Shorter runs of base64 hold no private key.
const SHORTEST: usize = 64;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Names of fields whose strings are secrets, in lower case without `_` and `-`.
const SECRET_FIELDS: [&str; 13] = [
    "password",
    "passwd",
    "secret",
    "token",
    "bearertoken",
    "clientsecret",
    "privatekey",
    "privatematerial",
    "secretkey",
    "secretaccesskey",
    "awssecretaccesskey",
    "sessiontoken",
    "clientkeydata",
];

/// The string without its private keys, and the keys in their order.
pub(crate) fn without_keys(text: &str) -> (String, Vec<&str>) {
    let mut ranges = pem(text);
    ranges.extend(encoded(text));
    ranges.sort_by_key(|range| range.start);
    let (mut shown, mut keys, mut at) = (String::new(), Vec::new(), 0);
    for range in ranges {
        if range.start < at {
            continue;
        }
        shown.push_str(&text[at..range.start]);
        shown.push_str(PRIVATE_KEY);
        at = range.end;
        keys.push(&text[range]);
    }
    shown.push_str(&text[at..]);
    (shown, keys)
}

/// From each `-----BEGIN … PRIVATE KEY` to the end of the block, or of the text if the block has no end.
fn pem(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].find(BEGIN).map(|i| from + i) {
        let label_start = start + BEGIN.len();
        let label_end = text[label_start..].find("-----").map_or(text.len(), |i| label_start + i);
        from = label_start;
        if label_end - label_start < LONGEST_LABEL && text[label_start..label_end].contains(MARK) {
            let end = text[label_end..].find("-----END ").map(|i| label_end + i + "-----END ".len());
            let end = end.and_then(|end| text[end..].find("-----").map(|i| end + i + 5)).unwrap_or(text.len());
            found.push(start..end);
            from = end;
        }
    }
    found
}

/// The runs of base64, over several lines if need be, that decode to a private key in PEM.
fn encoded(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let mut i = 0;
    while i < bytes.len() {
        if !is_base64(bytes[i]) {
            i += 1;
            continue;
        }
        let start = i;
        let (mut digits, mut line, mut end) = (Vec::new(), 0usize, i);
        loop {
            while i < bytes.len() && is_base64(bytes[i]) {
                digits.push(bytes[i]);
                i += 1;
                line += 1;
            }
            end = end.max(i);
            // Wrapped base64 continues on the next line, which may be indented.
            let mut next = i;
            while next < bytes.len() && bytes[next].is_ascii_whitespace() {
                next += 1;
            }
            if line < 40 || next == i || next >= bytes.len() || !is_base64(bytes[next]) {
                break;
            }
            (i, line) = (next, 0);
        }
        if digits.len() >= SHORTEST && holds_key(&digits) {
            found.push(start..end);
        }
    }
    found
}

fn holds_key(digits: &[u8]) -> bool {
    // Only the beginning, where the label is; other text can come before the key.
    let digits: Vec<u8> = digits.iter().copied().filter(|b| *b != b'=').collect();
    (0..4.min(digits.len())).any(|skip| {
        let digits = &digits[skip..digits.len() - (digits.len() - skip) % 4];
        LENIENT.decode(digits).is_ok_and(|bytes| bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes()))
    })
}

/// A value as it may be shown.
pub(crate) fn shown(path: &Path, value: &Value) -> Value {
    let secret = path.0.iter().any(|segment| match segment {
        Segment::Field(name) => is_secret_field(name),
        Segment::Key(name) => is_secret_field(name.trim_start_matches('-')),
        Segment::Index(_) => false,
    });
    masked(value, secret, None)
}

/// Two versions of a file as they may be shown. If one of them holds secrets, both are printed again: with `(secret)` for each, and in
/// the new version `(another secret)` where it differs.
pub fn shown_documents(old: Option<&str>, new: &str) -> (Option<String>, String) {
    let (a, b) = (old.map(content::documents), content::documents(new));
    let masked_all = |values: &[Value], earlier: Option<&Vec<Value>>| -> Vec<Value> {
        let earlier = |i: usize| earlier.and_then(|earlier| earlier.get(i));
        values.iter().enumerate().map(|(i, value)| masked(value, false, earlier(i))).collect()
    };
    let shown_old = a.as_ref().map(|a| a.as_deref().map(|values| masked_all(values, None)));
    let shown_new = b.as_deref().map(|values| masked_all(values, a.as_ref().and_then(Option::as_ref)));
    // Both in the same form, so that a comparison of their lines shows what differs.
    let holds_secrets = shown_old != a || shown_new != b;
    let print = |text: &str, shown: Option<Vec<Value>>| match shown {
        Some(values) if holds_secrets => values.iter().map(kopsform_yaml::to_string).collect::<Vec<_>>().join("---\n"),
        None if text.contains("Secret") => UNREADABLE.to_owned(),
        _ => without_keys(text).0,
    };
    let old = old.zip(shown_old).map(|(text, shown)| print(text, shown));
    (old, print(new, shown_new))
}

fn is_secret_field(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect::<String>().to_lowercase();
    SECRET_FIELDS.contains(&plain.as_str())
}

/// A value without secrets; `secret` is whether its strings are some. Those that an earlier version had otherwise say so.
fn masked(value: &Value, secret: bool, earlier: Option<&Value>) -> Value {
    match value {
        // Expressions and names of files are references to secrets, not secrets.
        Value::String(text) if secret && !text.is_empty() && !text.starts_with("${") && !text.starts_with('/') => {
            let is_another = earlier.is_some_and(|earlier| earlier != value);
            Value::from(if is_another { ANOTHER_SECRET } else { SECRET })
        }
        Value::String(text) => Value::from(without_keys(text).0),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            let earlier = |i: usize| earlier.and_then(|earlier| earlier.get(i));
            Value::Array(items.map(|(i, item)| masked(item, secret, earlier(i))).collect())
        }
        Value::Object(entries) => {
            let kind_is_secret = entries.get("kind").is_some_and(|kind| kind == "Secret");
            let entries = entries.iter().map(|(name, entry)| {
                let below = secret
                    || is_secret_field(name)
                    || (kind_is_secret && matches!(name.as_str(), "data" | "stringData"));
                (name.clone(), masked(entry, below, earlier.and_then(|earlier| earlier.get(name))))
            });
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    fn key() -> String {
        format!("-----BEGIN RSA {MARK}-----\n{}\n-----END RSA {MARK}-----\n", "QUJD".repeat(40))
    }

    #[test]
    fn keys_are_hidden_in_pem_and_base64_whole_cut_and_wrapped() {
        let key = key();
        let encoded = STANDARD.encode(&key);
        let wrapped: Vec<&str> =
            (0..encoded.len()).step_by(64).map(|i| &encoded[i..encoded.len().min(i + 64)]).collect();
        for text in [
            key.clone(),
            key[..key.len() - 40].to_owned(),
            key.replace('\n', "\\n"),
            encoded.clone(),
            wrapped.join("\n    "),
        ] {
            let (shown, keys) = without_keys(&text);
            assert!(shown.contains(PRIVATE_KEY) && !shown.contains("QUJDQUJD") && keys.len() == 1, "{text}\n{shown}");
            assert!(!shown.contains(&encoded[20..60]), "{shown}");
        }
    }

    #[test]
    fn certificates_and_public_keys_are_shown() {
        let text = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", "QUJD".repeat(40));
        assert_eq!(without_keys(&text).0, text);
        assert_eq!(without_keys(&STANDARD.encode(&text)).0, STANDARD.encode(&text));
    }

    #[test]
    fn documents_are_shown_without_their_secrets() {
        let manifest =
            |key: &str| format!("kind: Secret\nstringData:\n  key: {key}\n---\nkind: ConfigMap\ndata: {{a: {key}}}\n");
        let (_, new) = shown_documents(None, &manifest("abc"));
        assert_eq!(new, "kind: Secret\nstringData:\n  key: (secret)\n---\ndata:\n  a: abc\nkind: ConfigMap\n");
        let (old, new) = shown_documents(Some(&manifest("abc")), &manifest("xyz"));
        assert!(old.unwrap().contains("key: (secret)") && new.contains("key: (another secret)"), "{new}");
        let (old, new) = shown_documents(Some("kind: Secret\ndata: [\n  key: abc"), &manifest("xyz"));
        assert_eq!(old.unwrap(), UNREADABLE);
        assert!(!new.contains("xyz\n---"), "{new}");
        // Anything else stays as it is.
        let plain = "kind: ConfigMap\ndata: {a: abc}\n";
        assert_eq!(shown_documents(Some("#!/bin/sh\n"), plain), (Some("#!/bin/sh\n".to_owned()), plain.to_owned()));
    }

    #[test]
    fn fields_of_secrets_are_hidden() {
        let path = Path::default().field("spec").field("client_secret");
        assert_eq!(shown(&path, &json!("x")), json!(SECRET));
        let secret = json!({"kind": "Secret", "data": {"a": "eA=="}, "metadata": {"name": "n"}});
        let shown = shown(&Path::default(), &secret);
        assert_eq!(shown, json!({"kind": "Secret", "data": {"a": SECRET}, "metadata": {"name": "n"}}));
    }
}
