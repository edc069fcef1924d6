//! Which credentials sign requests, and why they cannot be used.
//!
//! The SDK's chain of providers goes on to the role of the machine when a profile that is named does not exist, and ignores
//! `mfa_serial`. What is signed by another identity than the one that was meant may change another account, so both are errors
//! here, before any request, as in the AWS CLI and the Go SDK that kops uses.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use aws_config::SdkConfig;
use aws_config::profile::ProfileSet;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use kopsform_env::Environment;

/// The variables that name a profile; the first one that is set counts, as in the Go SDK.
const PROFILE_VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
/// The profile that is used when none is named.
const DEFAULT_PROFILE: &str = "default";

const MACHINE_REMEDY: &str = "check the role of this machine, container or pod, or set AWS_PROFILE";

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
/// The second name is one that the SDK accepts too.
const SECRET_KEYS: [&str; 2] = ["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"];

/// How a profile gets its credentials, where that matters for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// From IAM Identity Center, after `aws sso login`.
    Sso,
    /// From a program.
    Process,
    /// Any other.
    Other,
    /// It has none: the machine's role is used.
    Nothing,
}

/// Where the credentials of requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    kind: SourceKind,
    /// The configuration files, for messages.
    files: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SourceKind {
    /// Keys in the environment.
    Environment,
    /// A profile that a variable names.
    Profile { name: String, variable: &'static str, method: Method },
    /// The default profile, which exists.
    DefaultProfile { method: Method },
    /// The role of a container, pod or instance, or nothing.
    Machine,
}

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialsProblem {
    /// A variable names a profile that does not exist.
    #[error("the profile {profile:?}, which {variable} names, is not in {files}")]
    NoSuchProfile { profile: String, variable: &'static str, files: String },
    /// A profile names a source profile that does not exist.
    #[error("the source_profile {profile:?} of the profile {named_by:?} is not in {files}")]
    NoSuchSourceProfile { profile: String, named_by: String, files: String },
    /// A profile names an SSO session that does not exist, or does not say which account and role it stands for.
    #[error("the SSO settings of the profile {profile:?} are incomplete: {missing}")]
    IncompleteSso { profile: String, missing: String },
    /// The role of a profile requires a code that only the user has.
    #[error("the profile {profile:?} requires an MFA code (mfa_serial), which kopsform cannot ask for")]
    Mfa { profile: String, serial: String },
    /// Half of a pair of keys.
    #[error("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")]
    HalfOfKeys,
    /// A configuration file cannot be read, although a profile is named.
    #[error("cannot read {files}, where the profile {profile:?} should be")]
    Unreadable { profile: String, files: String },
    /// No provider has credentials.
    #[error("no usable AWS credentials were found: {}", .0.absence())]
    None(Source),
    /// A provider failed.
    #[error("{source} gave no credentials: {reason}", source = .from)]
    Failed { from: Source, reason: String },
}

impl CredentialsProblem {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoSuchProfile { variable, .. } => {
                format!("`aws configure list-profiles` lists the profiles; unset {variable} to use the default one")
            }
            Self::NoSuchSourceProfile { .. } => {
                "correct source_profile; `aws configure list-profiles` lists the profiles".to_owned()
            }
            Self::IncompleteSso { profile, .. } => format!("run `aws configure sso --profile {profile}`"),
            Self::Mfa { profile, serial } => format!(
                "get temporary keys with `aws sts get-session-token --serial-number {serial} --token-code CODE`, or put those of the \
                 role into the environment: eval \"$(aws configure export-credentials --profile {profile} --format env)\""
            ),
            Self::HalfOfKeys => "set both, or unset both and use a profile".to_owned(),
            Self::Unreadable { .. } => "correct the file; `aws configure list` shows whether it can be read".to_owned(),
            Self::None(_) => "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            Self::Failed { from, .. } => from.hint(),
        }
    }

    /// The problem among the causes of an error.
    pub fn of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
    }
}

/// The source as the subject of a sentence.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MACHINE: &str = "the role of this machine, container or pod";
        match &self.kind {
            SourceKind::Environment => f.write_str(ACCESS_KEY),
            SourceKind::Profile { name, method: Method::Nothing, .. } => {
                write!(f, "{MACHINE} (the profile {name:?} has no credentials)")
            }
            SourceKind::Profile { name, variable, .. } => write!(f, "the profile {name:?} ({variable})"),
            SourceKind::DefaultProfile { method: Method::Nothing } | SourceKind::Machine => f.write_str(MACHINE),
            SourceKind::DefaultProfile { .. } => write!(f, "the profile {DEFAULT_PROFILE:?}"),
        }
    }
}

impl Source {
    /// Finds out where credentials come from.
    ///
    /// # Errors
    /// If what is named cannot be used.
    pub async fn find(environment: &Environment) -> Result<Self, CredentialsProblem> {
        let variables = environment.variables().iter().map(|(name, value)| (name.clone(), value.clone()));
        let env = Env::from(variables.collect::<std::collections::HashMap<_, _>>());
        Self::find_in(environment, &env, &Fs::real()).await
    }

    async fn find_in(environment: &Environment, env: &Env, fs: &Fs) -> Result<Self, CredentialsProblem> {
        let files = files(environment);
        let named = PROFILE_VARIABLES.into_iter().find_map(|variable| Some((variable, environment.get(variable)?)));
        let name = named.map_or(DEFAULT_PROFILE, |(_, name)| name);
        let has_key = environment.get(ACCESS_KEY).is_some();
        let profiles = EnvConfigFiles::default();
        let profiles = aws_config::profile::load(fs, env, &profiles, Some(Cow::Owned(name.to_owned()))).await;
        let source = |kind| Ok(Self { kind, files: files.clone() });
        let method = match (&profiles, named) {
            (Err(_), Some((_, name))) => {
                return Err(CredentialsProblem::Unreadable { profile: name.to_owned(), files });
            }
            // The SDK reports it, if it gets as far as the profile.
            (Err(_), None) => None,
            (Ok(profiles), Some((variable, name))) if profiles.get_profile(name).is_none() => {
                return Err(CredentialsProblem::NoSuchProfile { profile: name.to_owned(), variable, files });
            }
            (Ok(profiles), _) if profiles.get_profile(name).is_none() => None,
            (Ok(profiles), _) => Some(method(profiles, name, &files, has_key)?),
        };
        if has_key {
            let complete = SECRET_KEYS.iter().any(|secret| environment.get(secret).is_some());
            return if complete { source(SourceKind::Environment) } else { Err(CredentialsProblem::HalfOfKeys) };
        }
        source(match (method, named) {
            (Some(method), Some((variable, name))) => SourceKind::Profile { name: name.to_owned(), variable, method },
            (Some(method), None) => SourceKind::DefaultProfile { method },
            (None, _) => SourceKind::Machine,
        })
    }

    /// Where no credentials are.
    fn absence(&self) -> String {
        let elsewhere = "this machine, container or pod has no role";
        match &self.kind {
            SourceKind::Profile { name, .. } => format!("the profile {name:?} has none, and {elsewhere}"),
            SourceKind::DefaultProfile { .. } => format!("the profile {DEFAULT_PROFILE:?} has none, and {elsewhere}"),
            SourceKind::Environment | SourceKind::Machine => {
                let files = self.files.replace(" or ", " and ");
                format!("{ACCESS_KEY} is not set, {files} have no profile {DEFAULT_PROFILE:?}, and {elsewhere}")
            }
        }
    }

    /// The profile that a variable names: the SDK does not read all of them.
    pub fn profile(&self) -> Option<&str> {
        match &self.kind {
            SourceKind::Profile { name, .. } => Some(name),
            _ => None,
        }
    }

    /// What to do when its credentials are rejected or unavailable.
    pub fn hint(&self) -> String {
        let (profile, method) = match &self.kind {
            SourceKind::Environment => {
                return format!("check {ACCESS_KEY} and {}; temporary keys expire", SECRET_KEYS[0]);
            }
            SourceKind::Machine => return MACHINE_REMEDY.to_owned(),
            SourceKind::Profile { name, method, .. } => (name.as_str(), *method),
            SourceKind::DefaultProfile { method } => (DEFAULT_PROFILE, *method),
        };
        match method {
            Method::Sso => format!("run `aws sso login --profile {profile}`"),
            Method::Process => format!("run the credential_process of the profile {profile:?} yourself to see why"),
            Method::Other => format!("check the profile {profile:?} in {}", self.files),
            Method::Nothing => MACHINE_REMEDY.to_owned(),
        }
    }

    /// What went wrong in the SDK's provider, without its own words where others may be in them.
    fn problem(&self, error: &CredentialsError) -> CredentialsProblem {
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            return CredentialsProblem::None(self.clone());
        }
        let method = match &self.kind {
            SourceKind::Profile { method, .. } | SourceKind::DefaultProfile { method } => *method,
            SourceKind::Environment | SourceKind::Machine => Method::Other,
        };
        let reason = match method {
            Method::Sso => "its SSO session has expired or was not started".to_owned(),
            // The output of a program may hold anything.
            Method::Process => "its credential_process failed".to_owned(),
            Method::Other | Method::Nothing => kopsform_diagnostics::root_cause(error),
        };
        CredentialsProblem::Failed { from: self.clone(), reason }
    }
}

/// The configuration files that exist by name, for messages.
fn files(environment: &Environment) -> String {
    let config = environment.get("AWS_CONFIG_FILE").unwrap_or("~/.aws/config");
    let keys = environment.get("AWS_SHARED_CREDENTIALS_FILE").unwrap_or("~/.aws/credentials");
    format!("{config} or {keys}")
}

/// Follows the source profiles of a profile to the one that has credentials.
fn method(profiles: &ProfileSet, name: &str, files: &str, has_key: bool) -> Result<Method, CredentialsProblem> {
    let mut name = name;
    let mut visited = Vec::new();
    while let Some(profile) = profiles.get_profile(name) {
        // The SDK reports a loop.
        if visited.contains(&name) {
            break;
        }
        visited.push(name);
        let assumes_role = profile.get("role_arn").is_some() && profile.get("web_identity_token_file").is_none();
        if let (true, false, Some(serial)) = (assumes_role, has_key, profile.get("mfa_serial")) {
            return Err(CredentialsProblem::Mfa { profile: name.to_owned(), serial: serial.to_owned() });
        }
        let source = profile.get("source_profile").filter(|source| assumes_role && *source != name);
        let Some(source) = source else {
            return own_method(profiles, name, has_key);
        };
        if profiles.get_profile(source).is_none() {
            return Err(CredentialsProblem::NoSuchSourceProfile {
                profile: source.to_owned(),
                named_by: name.to_owned(),
                files: files.to_owned(),
            });
        }
        name = source;
    }
    Ok(Method::Other)
}

/// How a profile gets credentials without another profile.
fn own_method(profiles: &ProfileSet, name: &str, has_key: bool) -> Result<Method, CredentialsProblem> {
    let Some(profile) = profiles.get_profile(name) else { return Ok(Method::Other) };
    let has = |key: &str| profile.get(key).is_some();
    if has("credential_process") {
        return Ok(Method::Process);
    }
    if !["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"].into_iter().any(has) {
        let own = ["aws_access_key_id", "role_arn", "credential_source", "login_session"].into_iter().any(has);
        return Ok(if own { Method::Other } else { Method::Nothing });
    }
    let incomplete = |missing: String| CredentialsProblem::IncompleteSso { profile: name.to_owned(), missing };
    let session = match profile.get("sso_session") {
        Some(session) => {
            let found = profiles.sso_session(session);
            Some(found.ok_or_else(|| incomplete(format!("there is no sso-session {session:?}")))?)
        }
        None => None,
    };
    let lacks = |key: &str| match (key, session) {
        ("sso_region" | "sso_start_url", Some(session)) => session.get(key).is_none(),
        _ => !has(key),
    };
    let required = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"];
    match required.into_iter().find(|key| lacks(key)) {
        Some(key) if !has_key => Err(incomplete(format!("{key} is missing"))),
        _ => Ok(Method::Sso),
    }
}

/// A provider that refuses, with the reason.
#[derive(Debug)]
pub(crate) struct Refusing(pub CredentialsProblem);

impl ProvideCredentials for Refusing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::invalid_configuration(self.0.clone())))
    }
}

/// A provider whose errors name the source.
#[derive(Debug)]
struct Explained {
    inner: SharedCredentialsProvider,
    source: Source,
}

impl ProvideCredentials for Explained {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let credentials = self.inner.provide_credentials().await;
            credentials.map_err(|error| CredentialsError::provider_error(self.source.problem(&error)))
        })
    }
}

/// The configuration with errors of its credentials explained.
pub(crate) fn explained(config: SdkConfig, source: Source) -> SdkConfig {
    match config.credentials_provider() {
        Some(inner) => config
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(Explained { inner, source }))
            .build(),
        None => config,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
[default]
region = eu-west-1
[profile base]
aws_access_key_id = a
aws_secret_access_key = b
[profile role]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = base
[profile chained]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = nope
[profile twice]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = chained
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile itself]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = itself
aws_access_key_id = a
aws_secret_access_key = b
[profile loop]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = pool
[profile pool]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = loop
[profile process]
credential_process = /bin/false
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = admin
[profile sso-nowhere]
sso_session = nope
sso_account_id = 123456789012
sso_role_name = admin
[profile sso-token]
sso_session = corp
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://example.awsapps.com/start
";

    async fn find(variables: &[(&str, &str)]) -> Result<Source, CredentialsProblem> {
        let variables: Vec<_> = variables.iter().copied().chain([("HOME", "/home/x")]).collect();
        let env = Env::from_slice(&variables);
        let fs = Fs::from_slice(&[("/home/x/.aws/config", CONFIG)]);
        let mut environment = Environment::default();
        for (name, value) in variables {
            environment = environment.with(name, value);
        }
        Source::find_in(&environment, &env, &fs).await
    }

    async fn refused(variables: &[(&str, &str)]) -> (String, String) {
        match find(variables).await {
            Err(problem) => (problem.to_string(), problem.hint()),
            Ok(source) => (format!("accepted: {source}"), String::new()),
        }
    }

    #[tokio::test]
    async fn what_is_named_must_exist() {
        const FILES: &str = "~/.aws/config or ~/.aws/credentials";
        let missing = format!("the profile \"missing\", which AWS_PROFILE names, is not in {FILES}");
        assert_eq!(refused(&[("AWS_PROFILE", "missing")]).await.0, missing);
        // Keys in the environment do not make it a name of something.
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_PROFILE", "missing")];
        assert_eq!(refused(&keys).await.0, missing);
        let (message, _) = refused(&[("AWS_DEFAULT_PROFILE", "missing")]).await;
        assert!(message.contains("which AWS_DEFAULT_PROFILE names"), "{message}");
        let chained = format!("the source_profile \"nope\" of the profile \"chained\" is not in {FILES}");
        assert_eq!(refused(&[("AWS_PROFILE", "chained")]).await.0, chained);
        assert_eq!(refused(&[("AWS_PROFILE", "twice")]).await.0, chained);
        let (message, _) = refused(&[("AWS_PROFILE", "sso-nowhere")]).await;
        assert!(message.ends_with("there is no sso-session \"nope\""), "{message}");
        let (message, hint) = refused(&[("AWS_PROFILE", "sso-token")]).await;
        assert!(message.ends_with("sso_account_id is missing"), "{message}");
        assert!(hint.contains("aws configure sso --profile sso-token"), "{hint}");
        assert_eq!(find(&[("AWS_ACCESS_KEY_ID", "a")]).await, Err(CredentialsProblem::HalfOfKeys));
    }

    #[tokio::test]
    async fn a_code_that_cannot_be_asked_for_is_an_error() {
        let (message, hint) = refused(&[("AWS_PROFILE", "mfa")]).await;
        assert!(message.contains("\"mfa\" requires an MFA code (mfa_serial)"), "{message}");
        assert!(hint.contains("get-session-token --serial-number arn:aws:iam::123456789012:mfa/me"), "{hint}");
        assert!(hint.contains("export-credentials --profile mfa"), "{hint}");
        // What the hint says to do: the keys of the environment take precedence over the profile.
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_PROFILE", "mfa")];
        assert_eq!(find(&keys).await.map(|source| source.to_string()), Ok("AWS_ACCESS_KEY_ID".to_owned()));
    }

    #[tokio::test]
    async fn messages_name_the_source() {
        for (profile, hint) in [
            ("base", "check the profile \"base\" in ~/.aws/config or ~/.aws/credentials"),
            ("role", "check the profile \"role\" in ~/.aws/config or ~/.aws/credentials"),
            ("itself", "check the profile \"itself\" in ~/.aws/config or ~/.aws/credentials"),
            ("loop", "check the profile \"loop\" in ~/.aws/config or ~/.aws/credentials"),
            ("process", "run the credential_process of the profile \"process\" yourself to see why"),
            ("sso", "run `aws sso login --profile sso`"),
        ] {
            let found = find(&[("AWS_PROFILE", profile)]).await;
            let found = found.map(|source| (source.to_string(), source.hint()));
            assert_eq!(found, Ok((format!("the profile {profile:?} (AWS_PROFILE)"), hint.to_owned())));
        }
        // The default profile names a region only.
        let default = find(&[]).await.map(|source| source.to_string());
        assert_eq!(default, Ok("the role of this machine, container or pod".to_owned()));
    }

    #[tokio::test]
    async fn the_sdk_s_own_words_do_not_reach_the_user() {
        let of = |source: Result<Source, CredentialsProblem>, error: CredentialsError| {
            source.map(|source| source.problem(&error).to_string())
        };
        let secret = || CredentialsError::provider_error("exited with 1: token=hunter2");
        let process = of(find(&[("AWS_PROFILE", "process")]).await, secret());
        let expected = "the profile \"process\" (AWS_PROFILE) gave no credentials: its credential_process failed";
        assert_eq!(process, Ok(expected.to_owned()));
        let sso = of(find(&[("AWS_PROFILE", "sso")]).await, secret());
        assert!(sso.is_ok_and(|text| text.ends_with("its SSO session has expired or was not started")));
        let none = of(find(&[]).await, CredentialsError::not_loaded("feature `credentials-login` is off"));
        assert!(none.is_ok_and(|text| !text.contains("feature")));
    }
}
