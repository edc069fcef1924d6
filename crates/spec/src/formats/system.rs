//! Paths, devices, units, container images and other strings about an instance.

use super::FormatError;
use super::net::last_line;

pub(super) fn absolute_path(text: &str) -> Result<(), FormatError> {
    if text.starts_with('/') && !text.contains(['\n', '\0']) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not an absolute path"))
        .hint(format!("did you mean /{}?", text.trim_start_matches("./"))))
}

pub(super) fn cipher_suite(text: &str) -> Result<(), FormatError> {
    let known = text.strip_prefix("TLS_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    if known {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a cipher suite"))
        .hint("such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
}

pub(super) fn container_image(text: &str) -> Result<(), FormatError> {
    let error = FormatError::new(format!("{text:?} is not a container image such as registry.k8s.io/pause:3.10.1"));
    if let Some((_, bare)) = text.split_once("://") {
        return Err(error.hint(format!("without the scheme: {bare}")));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':' | b'@' | b'+');
    if text.is_empty() || !text.bytes().all(plain) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(error);
    }
    Ok(())
}

pub(super) fn registry(text: &str) -> Result<(), FormatError> {
    container_image(text).map_err(|error| FormatError {
        message: format!("{text:?} is not a registry such as registry.example.com"),
        ..error
    })
}

pub(super) fn device(text: &str) -> Result<(), FormatError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
    if text.strip_prefix("/dev/").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a device such as /dev/xvdd")))
}

pub(super) fn env_name(text: &str) -> Result<(), FormatError> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if !text.is_empty() && text.bytes().all(inner) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not the name of an environment variable")))
}

pub(super) fn file_mode(text: &str) -> Result<(), FormatError> {
    if (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a file mode in octal such as 0644")))
}

pub(super) fn key_value(text: &str) -> Result<(), FormatError> {
    pair(text, "claim=value")
}

pub(super) fn sysctl(text: &str) -> Result<(), FormatError> {
    pair(text, "net.ipv4.ip_forward=1")
}

fn pair(text: &str, example: &str) -> Result<(), FormatError> {
    if text.contains('=') {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} has no =")).hint(format!("such as {example}")).refused())
}

pub(super) fn name(text: &str) -> Result<(), FormatError> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    if text.bytes().all(inner) && edge(text.bytes().next()) && edge(text.bytes().last()) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a name of letters, digits, dots, hyphens and underscores"))
        .hint("it becomes part of names in AWS and Terraform"))
}

pub(super) fn regex(text: &str) -> Result<(), FormatError> {
    match regex::Regex::new(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(FormatError::new(format!("the pattern {text:?} is broken: {}", last_line(&error)))),
    }
}

pub(super) fn sha256(text: &str) -> Result<(), FormatError> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a SHA-256 of 64 hex digits"));
    Err(if text.len() > 64 { error.refused() } else { error })
}

pub(super) fn ssh_key(text: &str) -> Result<(), FormatError> {
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let known = kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-");
    if known && words.next().is_some_and(|body| body.starts_with("AAAA")) {
        return Ok(());
    }
    let error = FormatError::new("this is not an SSH public key");
    Err(if text.contains("PRIVATE KEY") {
        error.hint("this looks like a private key; give the .pub file, and make a new key since this one was shown")
    } else {
        error.hint("such as ssh-ed25519 AAAA…")
    })
}

pub(super) fn unit_name(text: &str) -> Result<(), FormatError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.' | b'\\' | b'@');
    if !text.is_empty() && text.bytes().all(plain) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not the name of a systemd unit"))
        .hint("letters, digits and : - _ . \\ @"))
}
