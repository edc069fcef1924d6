//! DNS records that exist before the cluster does.
//!
//! Its controllers change them to real addresses later. Without them, resolvers would remember for a while that the names do not
//! exist.

/// A record that is created unless one of its name and type exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placeholder {
    /// The full name, without a dot at the end.
    pub name: String,
    /// `A`, `AAAA` or `TXT`.
    pub record_type: &'static str,
    /// Its value, as Route 53 takes it.
    pub value: String,
}

/// Seconds that resolvers keep a placeholder.
pub const TTL: i64 = 10;
/// An address for documentation, which leads nowhere (RFC 5737).
const IPV4: &str = "203.0.113.123";
/// A local address that leads nowhere.
const IPV6: &str = "fd00:dead:add::";

/// The placeholders of names. With external-dns, a TXT record next to each says that it may change the record.
pub fn of(names: &[String], ipv6_only: bool, external_dns_owner: Option<&str>) -> Vec<Placeholder> {
    let (record_type, address) = if ipv6_only { ("AAAA", IPV6) } else { ("A", IPV4) };
    let mut records = Vec::new();
    for name in names {
        records.push(Placeholder { name: name.clone(), record_type, value: address.to_owned() });
        if let Some(owner) = external_dns_owner {
            let value = format!("\"heritage=external-dns,external-dns/owner={owner}\"");
            records.push(Placeholder { name: name.clone(), record_type: "TXT", value });
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_dns_finds_a_record_of_its_own_next_to_each() {
        let names = ["api.a.example.com".to_owned()];
        let records = of(&names, false, Some("kops-a.example.com"));
        assert_eq!(records[0].value, "203.0.113.123");
        assert_eq!((records[1].record_type, records.len()), ("TXT", 2));
        assert_eq!(of(&names, true, None)[0].record_type, "AAAA");
    }
}
