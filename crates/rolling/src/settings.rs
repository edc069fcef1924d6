//! How many instances of a group an update may replace at once: its own settings, the cluster's, the defaults.

use serde::Serialize;

use kopsform_spec::meta::{IntOrString, Rounding};
use kopsform_spec::v1alpha2::RollingUpdate;

/// What a surge is for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurgeSupport {
    /// Instances are detached, and the group starts replacements before they are terminated.
    Detach,
    /// So many more instances are replaced at once, as with Karpenter, which starts replacements when pods need them.
    Concurrency,
    /// None: an instance is gone before its replacement starts, as in managed instance groups. `maxSurge` has no effect.
    Unsupported,
}

/// The settings of one group, resolved to numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Whether instances are drained and terminated at all; if not, the update ends after the surge.
    pub drain_and_terminate: bool,
    /// How many instances are started in excess of the group's size before others are terminated.
    pub max_surge: usize,
    /// How many instances may be out of service.
    pub max_unavailable: usize,
}

impl Settings {
    /// Resolves the settings for a group with `instances` instances, warm and detached ones included.
    ///
    /// A surge in percent is rounded up. An unavailable share is rounded down, but never below one. With no surge at
    /// all one instance may be unavailable, unless set otherwise. The default surge is 0, except where instances can be
    /// detached.
    pub fn resolve(
        group: Option<&RollingUpdate>,
        cluster: Option<&RollingUpdate>,
        support: SurgeSupport,
        instances: usize,
    ) -> Self {
        fn first<'a, T>(
            group: Option<&'a RollingUpdate>,
            cluster: Option<&'a RollingUpdate>,
            field: impl Fn(&'a RollingUpdate) -> Option<T>,
        ) -> Option<T> {
            group.and_then(&field).or_else(|| cluster.and_then(&field))
        }
        let max_surge = match first(group, cluster, |r| r.max_surge.as_ref()) {
            _ if support == SurgeSupport::Unsupported => 0,
            None => usize::from(support == SurgeSupport::Detach),
            Some(value) => value.scaled(instances, Rounding::Up),
        };
        let max_unavailable = match first(group, cluster, |r| r.max_unavailable.as_ref()) {
            None => usize::from(max_surge == 0),
            Some(value @ IntOrString::String(_)) => value.scaled(instances, Rounding::Down).max(1),
            Some(value) => value.scaled(instances, Rounding::Down),
        };
        Self {
            drain_and_terminate: first(group, cluster, |r| r.drain_and_terminate).unwrap_or(true),
            max_surge,
            max_unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(surge: Option<&str>, unavailable: Option<&str>) -> RollingUpdate {
        let value = |text: &str| match text.parse() {
            Ok(count) => IntOrString::Int(count),
            Err(_) => IntOrString::String(text.into()),
        };
        RollingUpdate {
            max_surge: surge.map(value),
            max_unavailable: unavailable.map(value),
            ..RollingUpdate::default()
        }
    }

    fn resolved(group: &RollingUpdate, cluster: &RollingUpdate, instances: usize) -> (usize, usize) {
        let settings = Settings::resolve(Some(group), Some(cluster), SurgeSupport::Detach, instances);
        (settings.max_surge, settings.max_unavailable)
    }

    #[test]
    fn defaults_surge_by_one() {
        let none = RollingUpdate::default();
        assert_eq!(resolved(&none, &none, 5), (1, 0));
        let without_detach = Settings::resolve(None, None, SurgeSupport::Concurrency, 5);
        assert_eq!((without_detach.max_surge, without_detach.max_unavailable), (0, 1));
        assert!(without_detach.drain_and_terminate);
    }

    #[test]
    fn a_surge_that_the_group_cannot_make_lets_nothing_more_be_unavailable() {
        let resolved = |set: &RollingUpdate| {
            let settings = Settings::resolve(Some(set), None, SurgeSupport::Unsupported, 5);
            (settings.max_surge, settings.max_unavailable)
        };
        assert_eq!(resolved(&set(Some("3"), None)), (0, 1));
        assert_eq!(resolved(&set(Some("100%"), Some("2"))), (0, 2));
    }

    #[test]
    fn percentages_round_away_from_doing_nothing() {
        let none = RollingUpdate::default();
        assert_eq!(resolved(&set(Some("34%"), Some("10%")), &none, 3), (2, 1));
        assert_eq!(resolved(&set(Some("0"), Some("50%")), &none, 5), (0, 2));
        assert_eq!(resolved(&set(Some("0%"), None), &none, 5), (0, 1), "no surge, so one may be down");
        assert_eq!(resolved(&set(None, Some("0")), &none, 5), (1, 0));
    }

    #[test]
    fn the_group_goes_before_the_cluster_field_by_field() {
        let cluster = set(Some("0"), Some("50%"));
        assert_eq!(resolved(&set(None, None), &cluster, 4), (0, 2));
        assert_eq!(resolved(&set(Some("2"), None), &cluster, 4), (2, 2));
    }
}
