//! Which proxy leads to the API server, decided as client-go does.
//!
//! The `proxy-url` of the kubeconfig's cluster counts first, whatever `NO_PROXY` says. Without one, `HTTPS_PROXY` (or
//! `HTTP_PROXY`, for an address without TLS) counts, unless `NO_PROXY` names the server: domains, addresses, networks in CIDR
//! notation, each with an optional port, or `*`. This machine itself is never reached through a proxy of the environment.
//! The rules are those of Go's `golang.org/x/net/http/httpproxy`.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use zeroize::Zeroizing;

use kopsform_env::{self as env, Environment};

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
    Socks5,
}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            "socks5" | "socks5h" => Some(Self::Socks5),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 => 1080,
        }
    }
}

/// A user with a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub user: String,
    pub password: Zeroizing<String>,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub scheme: Scheme,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
    pub login: Option<Login>,
    /// Where it was set: the variable, or `proxy-url` of the kubeconfig.
    pub origin: String,
}

/// The address and where it was set, without the login.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = bracketed(&self.host);
        write!(f, "{}://{host}:{} ({})", self.scheme.name(), self.port, self.origin)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A proxy that cannot be used. The address is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusable {
    /// Where it was set.
    pub origin: String,
    /// Why it cannot be used.
    pub reason: String,
}

/// A host as it is written in an address.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// The host of an address, without the brackets of an IPv6 address.
pub(super) fn host_of(address: &Uri) -> &str {
    address.host().unwrap_or_default().trim_matches(['[', ']'])
}

/// The port of an address, or that of its scheme.
pub(super) fn port_of(address: &Uri) -> u16 {
    address.port_u16().unwrap_or(if address.scheme_str() == Some("http") { 80 } else { 443 })
}

/// The proxy that leads to a server, if any does. `proxy_url` is that of the kubeconfig.
pub(super) fn proxy_for(
    server: &Uri,
    proxy_url: Option<&str>,
    environment: &Environment,
) -> Result<Option<Proxy>, Unusable> {
    if let Some(url) = proxy_url.filter(|url| !url.is_empty()) {
        return parse(url, "proxy-url of the kubeconfig").map(Some);
    }
    let variable = if server.scheme_str() == Some("http") { env::HTTP_PROXY } else { env::HTTPS_PROXY };
    let Some((name, url)) = either_case(environment, variable) else { return Ok(None) };
    let excluded = either_case(environment, env::NO_PROXY).map(|(_, list)| list).unwrap_or_default();
    if is_excluded(host_of(server), port_of(server), excluded) {
        return Ok(None);
    }
    // Without a scheme it is an HTTP proxy.
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    parse(&with_scheme, &name).map(Some)
}

/// The value of a variable in upper case, or else in lower case, with the name that has it.
fn either_case<'a>(environment: &'a Environment, name: &str) -> Option<(String, &'a str)> {
    let names = [name.to_owned(), name.to_ascii_lowercase()];
    names.into_iter().find_map(|name| environment.get(&name).map(|value| (name.clone(), value)))
}

fn parse(url: &str, origin: &str) -> Result<Proxy, Unusable> {
    let unusable = |reason: &str| Unusable { origin: origin.to_owned(), reason: reason.to_owned() };
    let (scheme, rest) = url.trim().split_once("://").ok_or_else(|| unusable("it has no scheme"))?;
    let scheme = Scheme::of(scheme).ok_or_else(|| unusable("its scheme is not http, https or socks5"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, address) = match authority.rsplit_once('@') {
        Some((login, address)) => (Some(login), address),
        None => (None, authority),
    };
    let address: http::uri::Authority = address.parse().map_err(|_| unusable("it is not an address"))?;
    let host = address.host().trim_matches(['[', ']']).to_owned();
    if host.is_empty() {
        return Err(unusable("it has no host"));
    }
    let port = match address.as_str().rsplit_once(':').map(|(_, port)| port) {
        Some(port) if !port.is_empty() && !port.ends_with(']') => {
            port.parse().map_err(|_| unusable("its port is not a number"))?
        }
        _ => scheme.default_port(),
    };
    let login = login.map(|login| {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        Login { user: percent_decoded(user), password: Zeroizing::new(percent_decoded(password)) }
    });
    Ok(Proxy { scheme, host, port, login, origin: origin.to_owned() })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let hex = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a server is reached without the environment's proxy.
fn is_excluded(host: &str, port: u16, no_proxy: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok().map(|ip: IpAddr| ip.to_canonical());
    if host == "localhost" || address.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    no_proxy.split(',').map(|entry| entry.trim().to_ascii_lowercase()).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Ok(network) = entry.parse::<IpNet>() {
            return address.is_some_and(|ip| network.contains(&ip));
        }
        let (name, wanted_port) = split_port(&entry);
        if name.is_empty() || wanted_port.is_some_and(|wanted| wanted != port.to_string()) {
            return false;
        }
        if let Ok(wanted) = name.parse::<IpAddr>() {
            return address == Some(wanted.to_canonical());
        }
        // An address is in no domain.
        if address.is_some() {
            return false;
        }
        // `example.com` covers itself and what is below it, `.example.com` and `*.example.com` only what is below.
        match name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name) {
            suffix if suffix.starts_with('.') => host.ends_with(suffix),
            domain => host == domain || host.ends_with(&format!(".{domain}")),
        }
    })
}

/// The host and the port of an entry: `name`, `name:port`, `[v6]:port`, or an IPv6 address.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':'));
    }
    match entry.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chosen(server: &str, proxy_url: Option<&str>, variables: &[(&str, &str)]) -> Option<String> {
        let environment = match variables {
            [] => Environment::of([]),
            [a] => Environment::of([*a]),
            [a, b] => Environment::of([*a, *b]),
            [a, b, c, ..] => Environment::of([*a, *b, *c]),
        };
        proxy_for(&server.parse().unwrap(), proxy_url, &environment).unwrap().map(|proxy| proxy.to_string())
    }

    #[test]
    fn the_scheme_of_the_server_chooses_the_variable() {
        let both = [("HTTPS_PROXY", "http://a:3128"), ("HTTP_PROXY", "b:8080")];
        assert_eq!(chosen("https://api.c", None, &both).as_deref(), Some("http://a:3128 (HTTPS_PROXY)"));
        assert_eq!(chosen("http://api.c", None, &both).as_deref(), Some("http://b:8080 (HTTP_PROXY)"));
        assert_eq!(chosen("https://api.c", None, &[("HTTP_PROXY", "b")]), None);
        let lower = [("https_proxy", "socks5://[fd00::1]")];
        assert_eq!(chosen("https://api.c", None, &lower).as_deref(), Some("socks5://[fd00::1]:1080 (https_proxy)"));
        let two = [("https_proxy", "http://lower"), ("HTTPS_PROXY", "http://upper")];
        assert_eq!(chosen("https://api.c", None, &two).as_deref(), Some("http://upper:80 (HTTPS_PROXY)"));
        assert_eq!(chosen("https://api.c", None, &[("HTTPS_PROXY", "")]), None);
    }

    #[test]
    fn the_kubeconfigs_proxy_counts_first_and_always() {
        let environment = [("HTTPS_PROXY", "http://a"), ("NO_PROXY", "*")];
        let found = chosen("https://api.c", Some("socks5://127.0.0.1:5397"), &environment);
        assert_eq!(found.as_deref(), Some("socks5://127.0.0.1:5397 (proxy-url of the kubeconfig)"));
        assert_eq!(
            chosen("https://127.0.0.1:6443", Some("https://p"), &[]).map(|p| p.contains("https://p:443")),
            Some(true)
        );
        assert_eq!(chosen("https://api.c", None, &environment), None);
    }

    #[test]
    fn servers_of_no_proxy_are_reached_directly() {
        let direct = |server: &str, list: &str| {
            chosen(server, None, &[("HTTPS_PROXY", "http://p"), ("NO_PROXY", list)]).is_none()
        };
        for (server, list) in [
            ("https://api.example.com", "example.com"),
            ("https://API.example.com", " other.org , Example.COM"),
            ("https://api.example.com", ".example.com"),
            ("https://api.example.com", "*.example.com"),
            ("https://api.example.com", "api.example.com:443"),
            ("https://api.example.com:6443", "api.example.com:6443"),
            ("https://10.1.2.3", "10.0.0.0/8"),
            ("https://10.1.2.3", "10.9.9.9/8"),
            ("https://10.1.2.3", "10.1.2.3"),
            ("https://[fd00::5]:8443", "fd00::/8"),
            ("https://[fd00::5]:8443", "[fd00::5]:8443"),
            ("https://[fd00::5]", "fd00::5"),
            ("https://x.org", "*"),
            ("https://x.org", "a,*,b"),
            ("https://127.0.0.1:6543", ""),
            ("https://localhost:6543", ""),
            ("https://[::1]:6543", ""),
        ] {
            assert!(direct(server, list), "{server} with NO_PROXY={list}");
        }
        for (server, list) in [
            ("https://example.com", ".example.com"),
            ("https://example.com", "*.example.com"),
            ("https://notexample.com", "example.com"),
            ("https://api.example.com", "api.example.com:6443"),
            ("https://11.1.2.3", "10.0.0.0/8"),
            ("https://10.1.2.3", "2.3"),
            ("https://10.1.2.3:443", "10.1.2.3:6443"),
            ("https://x.org", ",, ,:443"),
        ] {
            assert!(!direct(server, list), "{server} with NO_PROXY={list}");
        }
        let lower = [("https_proxy", "http://p"), ("no_proxy", "10.0.0.0/8")];
        assert_eq!(chosen("https://10.1.1.1", None, &lower), None);
    }

    #[test]
    fn a_login_is_decoded_and_never_shown() {
        let environment = Environment::of([("HTTPS_PROXY", "http://us%40er:p%3Ass%zz@proxy.corp:3128/")]);
        let proxy = proxy_for(&"https://api.c".parse().unwrap(), None, &environment).unwrap().unwrap();
        let login = proxy.login.clone().unwrap();
        assert_eq!((login.user.as_str(), login.password.as_str()), ("us@er", "p:ss%zz"));
        assert_eq!(format!("{proxy} {proxy:?}").matches("ss").count(), 0);
    }

    #[test]
    fn an_unusable_proxy_is_reported_without_its_login() {
        for url in ["ftp://user:hunter2@p", "user:hunter2@p", "http://", "http://user:hunter2@p:port", "socks4://p"] {
            let found = proxy_for(&"https://api.c".parse().unwrap(), Some(url), &Environment::of([]));
            let error = found.unwrap_err();
            assert_eq!(error.origin, "proxy-url of the kubeconfig");
            assert!(!error.reason.contains("hunter2"), "{error:?}");
        }
    }
}
