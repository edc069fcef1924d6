//! `urlParse` and `urlJoin`, as Go's package `net/url`.

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::value::{Map, Value};

pub(super) fn register(table: &mut Table) {
    table.add("urlParse", &[Type::Str], |_, args| {
        let url = Url::parse(args.text(0))?;
        let hostname = hostname(&url.host);
        let parts = [
            ("scheme", url.scheme),
            ("host", url.host),
            ("hostname", hostname),
            ("path", url.path),
            ("query", url.query),
            ("opaque", url.opaque),
            ("fragment", url.fragment),
            ("userinfo", url.user),
        ];
        Ok(parts.into_iter().map(|(key, value)| (key.into(), value.into())).collect::<Map>().into())
    });
    table.add("urlJoin", &[Type::Map], joined);
}

#[derive(Default)]
struct Url {
    scheme: String,
    opaque: String,
    user: String,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

/// The parts of a URL, which differ in the characters that are not escaped.
#[derive(Clone, Copy)]
enum Part {
    Path,
    User,
    Fragment,
}

fn invalid(what: &str) -> FunctionError {
    FunctionError::new(format!("not a URL: {what}"))
}

impl Url {
    /// Takes `user:password@host:port` apart.
    fn authority(&mut self, authority: &str) -> Result<(), FunctionError> {
        let host = match authority.rsplit_once('@') {
            Some((user, host)) => {
                if !user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b)) {
                    return Err(invalid("the user contains characters that must be escaped"));
                }
                self.user = match user.split_once(':') {
                    Some((name, password)) => {
                        let name = escaped(&unescaped(name)?, Part::User);
                        format!("{name}:{}", escaped(&unescaped(password)?, Part::User))
                    }
                    None => escaped(&unescaped(user)?, Part::User),
                };
                host
            }
            None => authority,
        };
        let port = host.rsplit(']').next().unwrap_or(host).rsplit_once(':').map_or("", |(_, port)| port);
        if !port.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid("the port is not a number"));
        }
        if host.contains(' ') || (host.starts_with('[') && !host.contains(']')) {
            return Err(invalid("invalid host"));
        }
        self.host = unescaped(host)?;
        Ok(())
    }

    fn parse(text: &str) -> Result<Self, FunctionError> {
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(invalid("it contains control characters"));
        }
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Self { fragment: unescaped(fragment)?, ..Self::default() };
        let mut rest = text;
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let scheme = &text[..text.find(|c| !in_scheme(c)).unwrap_or(text.len())];
        if text.starts_with(':') {
            return Err(invalid("the scheme is missing"));
        }
        if let Some(after) = text[scheme.len()..].strip_prefix(':')
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            url.scheme = scheme.to_ascii_lowercase();
            rest = after;
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        url.query = query.to_owned();
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|first| first.contains(':')) {
                return Err(invalid("its first part contains a colon"));
            }
        }
        let mut path = rest;
        let triple = rest.starts_with("///");
        if let Some(after) = rest.strip_prefix("//").filter(|_| !url.scheme.is_empty() || !triple) {
            let (authority, after) = after.split_at(after.find('/').unwrap_or(after.len()));
            path = after;
            url.authority(authority)?;
        }
        url.path = unescaped(path)?;
        Ok(url)
    }
}

fn hostname(host: &str) -> String {
    if let Some((inner, _)) = host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        return inner.to_owned();
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned()
}

fn unescaped(text: &str) -> Result<String, FunctionError> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let invalid = || invalid("`%` is not followed by two hexadecimal digits");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after.get(..2).and_then(|d| std::str::from_utf8(d).ok()).ok_or_else(invalid)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| invalid())?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn escaped(text: &str, part: Part) -> String {
    let plain = match part {
        Part::Path => "$&+,/:;=@-_.~",
        Part::User => "$&+,;=-_.~",
        Part::Fragment => "$&+,/:;=?@-_.~!()*",
    };
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || (c.is_ascii() && plain.contains(c)) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn joined(call: &mut Call<'_>, args: &Args) -> Outcome {
    let map = args.map(0);
    let part = |key: &str| match map.get(key) {
        None => Ok(String::new()),
        Some(Value::Str(text)) => Ok(text.to_string()),
        Some(other) => Err(FunctionError::new(format!("{key} must be a string, not a {}", other.type_name()))),
    };
    let (scheme, host, path, query) = (part("scheme")?, part("host")?, part("path")?, part("query")?);
    let (opaque, fragment, user) = (part("opaque")?, part("fragment")?, part("userinfo")?);
    let user = if user.is_empty() { user } else { Url::parse(&format!("proto://{user}@host"))?.user };
    let mut out = String::new();
    if !scheme.is_empty() {
        out.push_str(&format!("{scheme}:"));
    }
    if opaque.is_empty() {
        if !scheme.is_empty() || !host.is_empty() || !user.is_empty() {
            if !host.is_empty() || !path.is_empty() || !user.is_empty() {
                out.push_str("//");
            }
            if !user.is_empty() {
                out.push_str(&format!("{user}@"));
            }
            out.push_str(&host);
        }
        let path = escaped(&path, Part::Path);
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            out.push('/');
        }
        // Without scheme and host, a colon in the first part would make it a scheme.
        if out.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
            out.push_str("./");
        }
        out.push_str(&path);
    } else {
        out.push_str(&opaque);
    }
    if !query.is_empty() {
        out.push_str(&format!("?{query}"));
    }
    if !fragment.is_empty() {
        out.push_str(&format!("#{}", escaped(&fragment, Part::Fragment)));
    }
    call.budget.text(out.len())?;
    Ok(out.into())
}
