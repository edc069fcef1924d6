//! Which settings of the spec become command line flags, from `settings.txt`.

use super::Component;

/// A field of a component's settings and the flag that the node software sets for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) component: Component,
    /// Such as `leaderElection.leaderElect`.
    pub(super) field: &'static str,
    /// Without dashes before it.
    pub(super) flag: &'static str,
}

/// Settings that the defaults clear or overwrite: what the spec has there never becomes a flag.
const OVERRIDDEN: [(Component, &str); 3] = [
    (Component::ApiServer, "insecureBindAddress"),
    (Component::ApiServer, "insecurePort"),
    (Component::Kubelet, "allowPrivileged"),
];

/// The settings of a component that become flags.
pub(super) fn of(component: Component) -> impl Iterator<Item = Setting> {
    all().filter(move |setting| setting.component == component)
}

fn all() -> impl Iterator<Item = Setting> {
    include_str!("settings.txt")
        .lines()
        .filter_map(parse_line)
        .filter(|setting| !OVERRIDDEN.contains(&(setting.component, setting.field)))
}

fn parse_line(line: &'static str) -> Option<Setting> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let component = Component::ALL.into_iter().find(|component| component.name() == name)?;
    Some(Setting { component, field: words.next()?, flag: words.next()? })
}

#[cfg(test)]
mod tests {
    use super::super::{MINORS, Support, flag};
    use super::*;
    use crate::v1alpha2::{
        KubeApiServerConfig, KubeControllerManagerConfig, KubeProxyConfig, KubeSchedulerConfig, KubeletConfig,
    };

    #[test]
    fn every_line_is_a_comment_or_a_setting() {
        for line in include_str!("settings.txt").lines() {
            assert!(line.starts_with('#') || parse_line(line).is_some(), "{line}");
        }
    }

    #[test]
    fn flags_of_settings_are_known_to_some_release() {
        // The kubelet calls it --minimum-image-ttl-duration.
        for setting in all().filter(|setting| setting.field != "imageMinimumGCAge") {
            let support = flag(setting.component, *MINORS.end(), setting.flag);
            assert!(!matches!(support, Support::Unknown { .. } | Support::NotYet { .. }), "{setting:?}: {support:?}");
        }
    }

    fn schema(component: Component) -> schemars::Schema {
        match component {
            Component::ApiServer => schemars::schema_for!(KubeApiServerConfig),
            Component::ControllerManager => schemars::schema_for!(KubeControllerManagerConfig),
            Component::Scheduler => schemars::schema_for!(KubeSchedulerConfig),
            Component::Kubelet => schemars::schema_for!(KubeletConfig),
            Component::Proxy => schemars::schema_for!(KubeProxyConfig),
        }
    }

    #[test]
    fn descriptions_of_fields_name_the_release_that_removed_their_flag() {
        for setting in all() {
            let Support::Removed { minor } = flag(setting.component, *MINORS.end(), setting.flag) else { continue };
            let fields = schema(setting.component);
            let pointer = format!("/properties/{}/description", setting.field);
            let description = fields.pointer(&pointer).and_then(|text| text.as_str()).unwrap_or_default();
            // What kops refuses has been refused since another release for some fields.
            let says = description.starts_with("Refused: ") || description.contains(&format!("Kubernetes 1.{minor}"));
            assert!(
                says && !description.starts_with("Accepted "),
                "{setting:?} is removed in 1.{minor}: {description}"
            );
        }
    }

    #[test]
    fn settings_are_fields_of_their_component() {
        for component in Component::ALL {
            let fields = schema(component);
            for setting in of(component) {
                let field = setting.field.split('.').next().unwrap_or_default();
                assert!(fields.pointer(&format!("/properties/{field}")).is_some(), "{setting:?}");
            }
        }
    }
}
