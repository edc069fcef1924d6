//! Addresses in networks.

use std::net::IpAddr;

use ipnet::IpNet;

/// The address `offset` after the first one of a range.
pub(super) fn nth_address(cidr: &str, offset: u32) -> Option<IpAddr> {
    let range: IpNet = cidr.parse().ok()?;
    Some(match range.network() {
        IpAddr::V4(first) => IpAddr::V4(u32::from(first).checked_add(offset)?.into()),
        IpAddr::V6(first) => IpAddr::V6(u128::from(first).checked_add(u128::from(offset))?.into()),
    })
}
