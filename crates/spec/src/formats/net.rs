//! Networks, IP addresses, host names and URLs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::FormatError;

/// Parses a network as Go does: leading zeros are invalid, `::ffff:10.0.0.0/104` is IPv4.
pub fn parse_cidr(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let length: u8 = length.parse().ok()?;
    match address {
        IpAddr::V4(address) => Ipv4Net::new(address, length).ok().map(IpNet::V4),
        IpAddr::V6(address) => Ipv6Net::new(address, length).ok().map(IpNet::V6),
    }
}

pub(super) fn cidr(text: &str) -> Result<(), FormatError> {
    cidr_any(text)?;
    match parse_cidr(text) {
        Some(net) if net.trunc() != net => Err(FormatError::new(format!("{text} has bits set after its prefix"))
            .hint(format!("did you mean {}?", net.trunc()))
            .refused()),
        _ => Ok(()),
    }
}

pub(super) fn cidr_any(text: &str) -> Result<(), FormatError> {
    if parse_cidr(text).is_some() {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a network such as 10.0.0.0/16")).refused();
    Err(match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => error.hint(format!("did you mean {address}/32?")),
        Ok(IpAddr::V6(address)) => error.hint(format!("did you mean {address}/64?")),
        Err(_) => error,
    })
}

pub(super) fn cidr_list(text: &str) -> Result<(), FormatError> {
    text.split(',').try_for_each(|part| cidr_any(part.trim()))
}

pub(super) fn cidr_or_empty(text: &str) -> Result<(), FormatError> {
    if text.is_empty() { Ok(()) } else { cidr_any(text) }
}

pub(super) fn cidr_or_prefix_list(text: &str) -> Result<(), FormatError> {
    if text.starts_with("pl-") { Ok(()) } else { cidr(text) }
}

pub(super) fn ipv6_cidr(text: &str) -> Result<(), FormatError> {
    if let Some(rest) = text.strip_prefix('/') {
        let parts = rest.split_once('#').and_then(|(size, number)| {
            let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let number_ok = !number.is_empty() && number.len() < 16 && number.bytes().all(hex);
            size.parse::<u32>().ok().filter(|_| number_ok && size.bytes().all(|b| b.is_ascii_digit()))
        });
        return match parts {
            Some(0..=128) => Ok(()),
            Some(size) => Err(FormatError::new(format!("a prefix of {size} bits is not from 0 to 128")).refused()),
            None => {
                Err(FormatError::new(format!("{text:?} is not a part of the VPC's network such as /64#0")).refused())
            }
        };
    }
    cidr(text)?;
    match parse_cidr(text) {
        Some(IpNet::V4(_)) => Err(FormatError::new(format!("{text} is not an IPv6 network")).refused()),
        _ => Ok(()),
    }
}

pub(super) fn ip(text: &str) -> Result<(), FormatError> {
    text.parse::<IpAddr>().map(|_| ()).map_err(|_| FormatError::new(format!("{text:?} is not an IP address")))
}

pub(super) fn ipv4(text: &str) -> Result<(), FormatError> {
    text.parse::<Ipv4Addr>().map(|_| ()).map_err(|_| FormatError::new(format!("{text:?} is not an IPv4 address")))
}

pub(super) fn ip_port(text: &str) -> Result<(), FormatError> {
    if text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not an IP address, with or without a port")))
}

pub(super) fn nameserver(text: &str) -> Result<(), FormatError> {
    if ip_port(text).is_ok() || https_url(text).is_ok() {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a DNS server such as 1.1.1.1:53")))
}

pub(super) fn listen_address(text: &str) -> Result<(), FormatError> {
    let error = || FormatError::new(format!("{text:?} is not an address and port such as 0.0.0.0:3999"));
    let (address, port) = text.rsplit_once(':').ok_or_else(error)?;
    let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    if !(address.is_empty() || address.parse::<IpAddr>().is_ok() || is_dns_name(address))
        || port.parse::<u16>().is_err()
    {
        return Err(error());
    }
    Ok(())
}

pub(super) fn port_range(text: &str) -> Result<(), FormatError> {
    let error = |message: String| FormatError::new(message).refused();
    let bad = || error(format!("{text:?} is not a range of ports such as 30000-32767"));
    let port = |text: &str| text.trim().parse::<u32>().map_err(|_| bad());
    let (low, high) = if let Some((low, high)) = text.split_once('-') {
        (port(low)?, port(high)?)
    } else if let Some((low, size)) = text.split_once('+') {
        let low = port(low)?;
        (low, low.saturating_add(port(size)?).min(65535))
    } else {
        (port(text)?, port(text)?)
    };
    if low > 65535 || high > 65535 {
        return Err(error(format!("ports in {text} go up to 65535")));
    }
    if low > high {
        return Err(
            error(format!("the range {text} ends before it begins")).hint(format!("did you mean {high}-{low}?"))
        );
    }
    Ok(())
}

/// Whether a name is valid in DNS: lower-case labels of letters, digits and hyphens, 253 characters in all.
pub(super) fn is_dns_name(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

pub(super) fn dns_name(text: &str) -> Result<(), FormatError> {
    if is_dns_name(text) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a DNS name"));
    let lower = text.to_lowercase().replace('_', "-");
    let lower = lower.trim_end_matches('.');
    Err(if is_dns_name(lower) { error.hint(format!("did you mean {lower}?")) } else { error })
}

pub(super) fn host(text: &str) -> Result<(), FormatError> {
    if text.parse::<IpAddr>().is_ok() || is_dns_name(text.strip_prefix("*.").unwrap_or(text)) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a host name or an IP address"));
    Err(match text.split_once("://") {
        Some((_, host)) => error.hint(format!("without the scheme: {}", host.trim_end_matches('/'))),
        None => error,
    })
}

/// The scheme and the host of a URL.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme_ok && !host.is_empty() && !text.contains(char::is_whitespace)).then_some((scheme, host))
}

pub(super) fn url(text: &str) -> Result<(), FormatError> {
    match parts(text) {
        Some(_) => Ok(()),
        None => Err(FormatError::new(format!("{text:?} is not an address such as https://example.com"))),
    }
}

pub(super) fn http_url(text: &str) -> Result<(), FormatError> {
    match parts(text) {
        Some(("http" | "https", _)) => Ok(()),
        _ => Err(FormatError::new(format!("{text:?} is not an http or https address"))),
    }
}

pub(super) fn https_url(text: &str) -> Result<(), FormatError> {
    match parts(text) {
        Some(("https", _)) => Ok(()),
        _ => Err(FormatError::new(format!("{text:?} is not an https address"))),
    }
}

/// An issuer of service account tokens, as kube-apiserver takes it: any name, or with a colon a URL that Go parses.
pub(super) fn issuer(text: &str) -> Result<(), FormatError> {
    let Some((before, _)) = text.split_once(':') else { return Ok(()) };
    let scheme = before.starts_with(|c: char| c.is_ascii_alphabetic())
        && before.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if (scheme || before.contains('/')) && !text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} has a colon, but is not a URL"));
    Err(error.hint("such as https://api.internal.demo.example.com"))
}

pub(super) fn autodetection_ipv4(text: &str) -> Result<(), FormatError> {
    autodetection(text, |ip| ip.parse::<Ipv4Addr>().is_ok(), "IPv4")
}

pub(super) fn autodetection_ipv6(text: &str) -> Result<(), FormatError> {
    // kops refuses `none`, which Calico itself takes, since it is what happens without the field.
    autodetection(text, |ip| ip.parse::<Ipv6Addr>().is_ok(), "IPv6")
}

fn autodetection(text: &str, is_address: fn(&str) -> bool, family: &str) -> Result<(), FormatError> {
    let refuse = |message: String| FormatError::new(message).refused();
    let unknown = || {
        refuse(format!("{text:?} is not an autodetection method"))
            .hint("write first-found, can-reach=ADDRESS, interface=PATTERN,… or skip-interface=PATTERN,…")
    };
    let (method, argument) = text.split_once('=').map_or((text, None), |(method, argument)| (method, Some(argument)));
    if argument.is_some_and(|a| a.contains('=')) {
        return Err(unknown());
    }
    match (method, argument) {
        ("first-found", _) => Ok(()),
        ("can-reach", Some(address)) if is_address(address) => Ok(()),
        ("can-reach", Some(address)) => Err(refuse(format!("{address:?} is not an {family} address"))),
        ("interface" | "skip-interface", Some(list)) => {
            let mut patterns = list.split(',').map(str::trim).peekable();
            if patterns.peek().is_none_or(|first| first.is_empty()) {
                return Err(refuse(format!("{method}= lacks a list of interface names")));
            }
            for pattern in patterns {
                if let Err(error) = regex::Regex::new(pattern) {
                    return Err(refuse(format!("the pattern {pattern:?} is broken: {}", last_line(&error))));
                }
            }
            Ok(())
        }
        _ => Err(unknown()),
    }
}

/// The error of a pattern, without the excerpt with carets.
pub(super) fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
