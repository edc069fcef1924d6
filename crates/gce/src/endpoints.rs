//! Where the APIs are. The variables are those of gcloud and of Google's storage libraries.

use kopsform_env::{self as env, Environment};

/// A service of Google Cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Compute,
    Dns,
    Storage,
    /// Service accounts.
    Iam,
    /// Policies of projects.
    ResourceManager,
}

impl Service {
    /// The default base of its methods, with a slash at the end.
    fn base(self) -> &'static str {
        match self {
            Self::Compute => "https://compute.googleapis.com/compute/v1/",
            Self::Dns => "https://dns.googleapis.com/dns/v1/",
            Self::Storage => "https://storage.googleapis.com/storage/v1/",
            Self::Iam => "https://iam.googleapis.com/v1/",
            Self::ResourceManager => "https://cloudresourcemanager.googleapis.com/v1/",
        }
    }

    /// The variable with another base or origin.
    fn variable(self) -> &'static str {
        match self {
            Self::Compute => env::CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE,
            Self::Dns => env::CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS,
            Self::Storage => env::CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE,
            Self::Iam => env::CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM,
            Self::ResourceManager => env::CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER,
        }
    }

    /// Scheme, host and path of its methods, with a slash at the end.
    pub(crate) fn endpoint(self, environment: &Environment) -> String {
        let given = match (self, environment.get(env::STORAGE_EMULATOR_HOST)) {
            (Self::Storage, Some(host)) => Some(host),
            _ => environment.get(self.variable()),
        };
        given.map_or_else(|| self.base().to_owned(), |given| self.at(given))
    }

    /// The base at a given address, which may lack the path, and for storage emulators the scheme.
    fn at(self, address: &str) -> String {
        let address = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let origin = address.trim_end_matches('/');
        let path = self.base().splitn(4, '/').nth(3).unwrap_or_default();
        let path = path.trim_end_matches('/');
        if origin.ends_with(path) { format!("{origin}/") } else { format!("{origin}/{path}/") }
    }

    /// The base of uploads to Cloud Storage.
    pub(crate) fn upload(environment: &Environment) -> String {
        Self::Storage.endpoint(environment).replace("/storage/v1/", "/upload/storage/v1/")
    }
}

/// Whether an address is of a server on this machine or in tests, which needs no credentials.
pub(crate) fn is_emulated(environment: &Environment) -> bool {
    environment.get(env::STORAGE_EMULATOR_HOST).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_be_origins_or_have_the_path() {
        let compute = |value: &str| {
            let environment = Environment::of([(env::CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE, value)]);
            Service::Compute.endpoint(&environment)
        };
        assert_eq!(compute(""), "https://compute.googleapis.com/compute/v1/");
        assert_eq!(compute("http://127.0.0.1:5010/compute/v1/"), "http://127.0.0.1:5010/compute/v1/");
        assert_eq!(compute("http://127.0.0.1:5010/"), "http://127.0.0.1:5010/compute/v1/");
    }

    #[test]
    fn a_storage_emulator_takes_precedence() {
        let environment = Environment::of([
            (env::STORAGE_EMULATOR_HOST, "localhost:9000"),
            (env::CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE, "https://other/storage/v1/"),
        ]);
        assert_eq!(Service::Storage.endpoint(&environment), "http://localhost:9000/storage/v1/");
        assert_eq!(Service::upload(&environment), "http://localhost:9000/upload/storage/v1/");
    }
}
