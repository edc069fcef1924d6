//! `pki report`: when the certificates of a cluster expire, and what they are for.

use jiff::Timestamp;
use serde::Serialize;

use super::get::{self, GetError, Keypair};
use kopsform_state::StateStore;

/// One certificate of a keyset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRow {
    pub keyset: String,
    pub id: String,
    pub usage: Usage,
    /// What the keyset is for.
    pub purpose: &'static str,
    /// Expiry, RFC 3339.
    pub expires: Option<String>,
    /// Whole days until expiry; negative once expired.
    pub days_left: Option<i64>,
    pub state: Validity,
}

/// What a keypair is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    Primary,
    Trusted,
    Distrusted,
}

/// How close the expiry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Validity {
    Valid,
    /// Expires within the duration of --warn.
    Expiring,
    Expired,
}

/// The certificates of all keysets, and warnings about keysets that cannot be read. A trusted certificate that expires before
/// `now` plus `warn_seconds` is reported as expiring.
pub async fn report(
    state: &StateStore,
    cluster: &str,
    now: Timestamp,
    warn_seconds: i64,
) -> Result<(Vec<ReportRow>, Vec<String>), GetError> {
    let (keypairs, warnings) = get::keypairs(state, cluster, &[], true).await?;
    Ok((keypairs.iter().map(|pair| row(pair, now, warn_seconds)).collect(), warnings))
}

/// Whether any certificate needs attention.
pub fn needs_attention(rows: &[ReportRow]) -> bool {
    rows.iter().any(|row| row.state != Validity::Valid)
}

fn row(pair: &Keypair, now: Timestamp, warn_seconds: i64) -> ReportRow {
    const DAY: i64 = 24 * 3600;
    let usage = match pair {
        _ if pair.distrust_timestamp.is_some() => Usage::Distrusted,
        _ if pair.is_primary => Usage::Primary,
        _ => Usage::Trusted,
    };
    let end = pair.not_after.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
    let seconds_left = end.map(|end| end.as_second() - now.as_second());
    let state = match seconds_left {
        _ if usage == Usage::Distrusted => Validity::Valid,
        Some(left) if left <= 0 => Validity::Expired,
        Some(left) if left <= warn_seconds => Validity::Expiring,
        _ => Validity::Valid,
    };
    ReportRow {
        keyset: pair.name.clone(),
        id: pair.id.clone(),
        usage,
        purpose: purpose(&pair.name),
        expires: pair.not_after.clone(),
        days_left: seconds_left.map(|left| left.div_euclid(DAY)),
        state,
    }
}

/// What a keyset is for.
fn purpose(keyset: &str) -> &'static str {
    match keyset {
        "kubernetes-ca" => "API servers, kubelets and administrators",
        "apiserver-aggregator-ca" => "API servers as clients of extension API servers",
        "service-account" => "service account tokens",
        "discovery-ca" => "the discovery service",
        "etcd-clients-ca" => "API servers as clients of etcd",
        name if name.starts_with("etcd-clients-ca-") => "clients of a dedicated etcd cluster",
        name if name.starts_with("etcd-manager-ca-") => "etcd-manager peers",
        name if name.starts_with("etcd-peers-ca-") => "etcd peers",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn attention_is_needed_inside_the_time_asked_about() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut pair = Keypair {
            name: "kubernetes-ca".to_owned(),
            is_primary: true,
            not_after: Some("2026-01-31T00:00:00Z".to_owned()),
            ..Keypair::default()
        };
        let state = |pair: &Keypair, days: i64| row(pair, now, days * 24 * 3600).state;
        assert_eq!(state(&pair, 29), Validity::Valid);
        assert_eq!(state(&pair, 30), Validity::Expiring);
        assert_eq!(row(&pair, now, 0).days_left, Some(30));
        pair.not_after = Some("2025-12-31T23:59:59Z".to_owned());
        assert_eq!(state(&pair, 0), Validity::Expired);
        assert_eq!(row(&pair, now, 0).days_left, Some(-1));
        pair.distrust_timestamp = Some("2025-12-01T00:00:00Z".to_owned());
        assert_eq!(state(&pair, 30), Validity::Valid);
    }
}
