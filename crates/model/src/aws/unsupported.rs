//! What kops can do and this program cannot: reported by field before anything is built, never left out silently.

use crate::{Context, GraphError};
use kopsform_env as env;

/// Feature flags of kops that would build another cluster than this program does.
const FLAGS: [&str; 7] = [
    "Spotinst",
    "SpotinstOcean",
    "SpotinstOceanTemplate",
    "SpotinstHybrid",
    "UseAddonOperators",
    "ClusterAPI",
    "Metal",
];

/// Refuses clouds other than AWS and Google Cloud, instances bought through Spotinst, and feature flags that call for them.
///
/// # Errors
/// Names the field, label or variable.
pub fn check(context: &Context<'_>) -> Result<(), GraphError> {
    let refuse = |path: String, message: String| Err(GraphError::Unsupported { path, message });
    let spec = &context.cluster.spec;
    if !matches!(spec.cloud_provider.as_str(), "" | "aws" | "gce") {
        let message = format!("{} is not supported, only aws and gce are", spec.cloud_provider);
        return refuse("spec.cloudProvider".to_owned(), message);
    }
    let cloud = spec.cloud_config.as_ref();
    let spotinst = [
        ("spotinstProduct", cloud.and_then(|c| c.spotinst_product.as_ref())),
        ("spotinstOrientation", cloud.and_then(|c| c.spotinst_orientation.as_ref())),
    ];
    if let Some((field, _)) = spotinst.iter().find(|(_, value)| value.is_some()) {
        return refuse(format!("spec.cloudConfig.{field}"), "Spotinst is not supported".to_owned());
    }
    for group in context.all_groups {
        if let Some(label) = group.metadata.labels.keys().find(|label| label.starts_with("spotinst.io/")) {
            let path = format!("InstanceGroup/{}: metadata.labels[{label}]", group.metadata.name);
            return refuse(path, "Spotinst is not supported".to_owned());
        }
    }
    let flags = context.environment.get(env::KOPS_FEATURE_FLAGS).unwrap_or_default();
    for flag in flags.split(',').map(|flag| flag.trim().trim_start_matches('+')) {
        if FLAGS.contains(&flag) {
            return refuse(env::KOPS_FEATURE_FLAGS.to_owned(), format!("feature {flag} is not supported"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fixture::Fixture;
    use kopsform_env::Environment;
    use kopsform_spec::v1alpha2::CloudConfiguration;

    fn refused(change: impl FnOnce(&mut Fixture)) -> String {
        let mut fixture = Fixture::default();
        change(&mut fixture);
        check(&fixture.context()).unwrap_err().to_string()
    }

    #[test]
    fn aws_is_the_only_cloud() {
        assert!(check(&Fixture::default().context()).is_ok());
        assert_eq!(
            refused(|fixture| fixture.cluster.spec.cloud_provider = "azure".to_owned()),
            "spec.cloudProvider: azure is not supported, only aws and gce are"
        );
    }

    #[test]
    fn spotinst_is_refused_wherever_it_is_asked_for() {
        let product = refused(|fixture| {
            let cloud = CloudConfiguration { spotinst_product: Some("p".to_owned()), ..Default::default() };
            fixture.cluster.spec.cloud_config = Some(cloud);
        });
        assert_eq!(product, "spec.cloudConfig.spotinstProduct: Spotinst is not supported");
        let label = refused(|fixture| {
            fixture.groups[1].metadata.labels.insert("spotinst.io/hybrid".to_owned(), "true".to_owned());
        });
        assert_eq!(label, "InstanceGroup/nodes: metadata.labels[spotinst.io/hybrid]: Spotinst is not supported");
        let flag = refused(|fixture| {
            fixture.environment = Environment::of([(env::KOPS_FEATURE_FLAGS, "APIServerNodes,+Spotinst")]);
        });
        assert_eq!(flag, "KOPS_FEATURE_FLAGS: feature Spotinst is not supported");
    }

    #[test]
    fn a_flag_that_is_off_asks_for_nothing() {
        let environment = Environment::of([(env::KOPS_FEATURE_FLAGS, "-Spotinst,ImageDigest")]);
        let fixture = Fixture { environment, ..Fixture::default() };
        assert!(check(&fixture.context()).is_ok());
    }
}
