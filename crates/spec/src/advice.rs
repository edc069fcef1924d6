//! Whether a Kubernetes version can be run, and what kops and the channel advise about versions.

use super::channel::Channel;
use super::versions::{KubernetesVersion, NEWEST_SUPPORTED, OLDEST_RECOMMENDED, OLDEST_SUPPORTED, parse_tolerant};
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};

/// Why a Kubernetes version is not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// The node software is older than this Kubernetes.
    #[error("kops upgrade is required: Kubernetes {0} is newer than the node software of kops {version}", version = crate::KOPS_VERSION)]
    TooNew(String),
    /// The node software no longer runs this Kubernetes.
    #[error("kubernetes upgrade is required: Kubernetes {0} is no longer supported")]
    TooOld(String),
    /// The channel asks for a newer kops.
    #[error("kops upgrade is required: the channel asks for {0}, this is {version}", version = crate::KOPS_VERSION)]
    KopsRequired(String),
    /// The channel asks for a newer Kubernetes.
    #[error("kubernetes upgrade is required: the channel asks for {required}, this is {version}")]
    Required {
        /// The cluster's version.
        version: String,
        /// The version the channel asks for.
        required: String,
    },
}

impl Explain for VersionError {
    fn hints(&self) -> Vec<String> {
        let (major, minor) = OLDEST_SUPPORTED;
        vec![match self {
            Self::TooNew(_) => {
                format!(
                    "use Kubernetes {}.{}, or bypass this check by exporting KOPS_RUN_TOO_NEW_VERSION",
                    NEWEST_SUPPORTED.0, NEWEST_SUPPORTED.1
                )
            }
            Self::TooOld(_) => {
                format!("set spec.kubernetesVersion to {major}.{minor} or newer, one minor release at a time")
            }
            Self::KopsRequired(_) => "bypass this check by exporting KOPS_RUN_OBSOLETE_VERSION".to_owned(),
            Self::Required { .. } => {
                "set spec.kubernetesVersion, or bypass this check by exporting KOPS_RUN_OBSOLETE_VERSION".to_owned()
            }
        }]
    }
}

/// Checks a cluster's Kubernetes version; returns advice, a sentence each.
///
/// A string that is not a version passes: validation reports it.
///
/// # Errors
/// When this version cannot be run.
pub fn check_kubernetes_version(
    text: &str,
    channel: Option<&Channel>,
    environment: &Environment,
) -> Result<Vec<String>, VersionError> {
    let Ok(version) = KubernetesVersion::parse(text) else { return Ok(Vec::new()) };
    let mut advice = Vec::new();
    let (major, newest) = NEWEST_SUPPORTED;
    if version.at_least(major, newest + 1) {
        if environment.get(env::KOPS_RUN_TOO_NEW_VERSION).is_none() {
            return Err(VersionError::TooNew(text.to_owned()));
        }
        advice.push(format!(
            "Kubernetes {text} is newer than this release supports; KOPS_RUN_TOO_NEW_VERSION lets it pass"
        ));
    }
    if !version.at_least(OLDEST_SUPPORTED.0, OLDEST_SUPPORTED.1) {
        return Err(VersionError::TooOld(text.to_owned()));
    }
    if !version.at_least(OLDEST_RECOMMENDED.0, OLDEST_RECOMMENDED.1) {
        advice
            .push(format!("Kubernetes {text} is deprecated and will soon not be supported; upgrading is recommended"));
    }
    let Some(about) = channel.and_then(|channel| channel.kubernetes_advice(version.version())) else {
        return Ok(advice);
    };
    let recommended = about.recommended_over(version.version());
    if let Some(required) = about.required_over(version.version()) {
        if environment.get(env::KOPS_RUN_OBSOLETE_VERSION).is_none() {
            return Err(VersionError::Required { version: text.to_owned(), required: required.to_string() });
        }
        advice.push(format!("the channel asks for Kubernetes {required}; KOPS_RUN_OBSOLETE_VERSION lets {text} pass"));
    } else if let Some(recommended) = recommended {
        advice.push(format!("a new Kubernetes version is available: {recommended}; upgrading is recommended"));
    }
    Ok(advice)
}

/// Checks this release against the channel; returns advice, a sentence each.
///
/// # Errors
/// When the channel asks for a newer one.
pub fn check_kops_version(channel: Option<&Channel>, environment: &Environment) -> Result<Vec<String>, VersionError> {
    let Some(own) = parse_tolerant(crate::KOPS_VERSION) else { return Ok(Vec::new()) };
    let Some(about) = channel.and_then(|channel| channel.kops_advice(&own)) else { return Ok(Vec::new()) };
    if let Some(required) = about.required_over(&own) {
        if environment.get(env::KOPS_RUN_OBSOLETE_VERSION).is_none() {
            return Err(VersionError::KopsRequired(required.to_string()));
        }
        return Ok(vec![format!("the channel asks for kops {required}; KOPS_RUN_OBSOLETE_VERSION lets {own} pass")]);
    }
    let recommended = about.recommended_over(&own);
    Ok(recommended
        .map(|new| format!("a new kops version is available: {new}; upgrading is recommended"))
        .into_iter()
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(version: &str, channel: Option<&Channel>) -> Result<Vec<String>, VersionError> {
        check_kubernetes_version(version, channel, &Environment::default())
    }

    #[test]
    fn versions_outside_the_supported_ones_are_refused() {
        assert_eq!(check("1.37.0", None), Err(VersionError::TooNew("1.37.0".to_owned())));
        assert_eq!(check("v1.30.9", None), Err(VersionError::TooOld("v1.30.9".to_owned())));
        assert_eq!(check("1.36.0-beta.1", None), Ok(Vec::new()));
        assert_eq!(check("1.32.0", None).unwrap().len(), 1, "deprecated, and still run");
        let bypassed = Environment::of([(env::KOPS_RUN_TOO_NEW_VERSION, "1")]);
        assert_eq!(check_kubernetes_version("1.37.0", None, &bypassed).unwrap().len(), 1);
    }

    #[test]
    fn the_channel_advises_about_kops_too() {
        let channel = |text: &str| kopsform_yaml::from_str::<Channel>("channel", text).unwrap();
        let check = |channel: &Channel, environment| check_kops_version(Some(channel), environment);
        let none = Environment::default();
        assert_eq!(check(Channel::stable(), &none), Ok(Vec::new()));
        let recommended = channel("spec: {kopsVersions: [{range: '>=1.30.0', recommendedVersion: 1.99.0}]}");
        assert!(check(&recommended, &none).unwrap()[0].contains("1.99.0"));
        let required = channel("spec: {kopsVersions: [{requiredVersion: 1.99.0}]}");
        assert_eq!(check(&required, &none), Err(VersionError::KopsRequired("1.99.0".to_owned())));
        assert_eq!(check(&required, &Environment::of([(env::KOPS_RUN_OBSOLETE_VERSION, "1")])).unwrap().len(), 1);
        assert_eq!(check_kops_version(None, &none), Ok(Vec::new()));
    }

    #[test]
    fn the_channel_recommends_and_requires() {
        let text = "spec: {kubernetesVersions: [{recommendedVersion: 1.35.5, requiredVersion: 1.35.2}]}";
        let channel: Channel = kopsform_yaml::from_str("channel", text).unwrap();
        assert_eq!(check("1.35.5", Some(&channel)), Ok(Vec::new()));
        assert!(check("1.35.3", Some(&channel)).unwrap()[0].contains("1.35.5"));
        let error = check("1.35.0", Some(&channel)).unwrap_err();
        assert_eq!(error.to_string(), "kubernetes upgrade is required: the channel asks for 1.35.2, this is 1.35.0");
        let bypassed = Environment::of([(env::KOPS_RUN_OBSOLETE_VERSION, "1")]);
        assert!(check_kubernetes_version("1.35.0", Some(&channel), &bypassed).is_ok());
    }
}
