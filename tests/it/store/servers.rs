//! Servers of object storage: moto as S3, and a small Cloud Storage.

use kopsform_env::Environment;
use kopsform_state::StateStore;

/// The Cloud Storage of the unit tests of `kopsform-gce`. Its one bucket is called `state`.
#[cfg(feature = "gce")]
#[allow(dead_code, reason = "those tests use the rest")]
#[path = "../../../crates/gce/src/fake.rs"]
mod fake;

/// A server with a new bucket.
pub struct Server {
    /// What it is, for messages.
    pub name: &'static str,
    /// Host and port.
    pub address: String,
    /// The address of the bucket, `s3://…` or `gs://…`.
    pub bucket: String,
}

/// A server of each kind that is available.
pub fn servers() -> Vec<Server> {
    let mut servers = Vec::new();
    #[cfg(feature = "aws")]
    servers.extend(super::moto::moto().map(|moto| Server {
        name: "S3",
        address: moto.address.clone(),
        bucket: format!("s3://{}", moto.bucket()),
    }));
    #[cfg(feature = "gce")]
    servers.push(cloud_storage());
    servers
}

/// A new Cloud Storage. Its threads end with the tests.
#[cfg(feature = "gce")]
pub fn cloud_storage() -> Server {
    let fake = fake::FakeStorage::start(fake::Settings::default());
    let environment = fake.environment();
    let origin = environment.get(kopsform_env::STORAGE_EMULATOR_HOST).unwrap();
    Server { name: "Cloud Storage", address: origin.replace("http://", ""), bucket: "gs://state".to_owned() }
}

impl Server {
    /// The variables with which programs use it at an address, which may be that of a proxy.
    pub fn settings(&self, address: &str) -> Vec<(&'static str, String)> {
        if self.bucket.starts_with("gs://") {
            return vec![(kopsform_env::STORAGE_EMULATOR_HOST, format!("http://{address}"))];
        }
        let credentials = [(kopsform_env::S3_ACCESS_KEY_ID, "test"), (kopsform_env::S3_SECRET_ACCESS_KEY, "test")];
        let place =
            [(kopsform_env::S3_ENDPOINT, format!("http://{address}")), (kopsform_env::S3_REGION, "us-east-1".into())];
        place.into_iter().chain(credentials.map(|(name, value)| (name, value.to_owned()))).collect()
    }

    /// The state store in its bucket, reached at an address.
    pub fn state_store(&self, address: &str) -> StateStore {
        let settings = self.settings(address);
        let environment = settings.iter().fold(Environment::default(), |all, (name, value)| all.with(name, value));
        kopsform::ops::support::stores::open_state(&self.bucket, &environment).unwrap()
    }
}
