//! The source of new keys, random numbers and the time.

use jiff::Timestamp;

use super::{PkiError, PrivateKey};
use kopsform_env::{self as env, Environment};

/// What it takes to make keys and certificates.
pub trait KeySource: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Fills a buffer with random bytes.
    fn random(&self, buffer: &mut [u8]) -> Result<(), PkiError>;

    /// A new private key. This takes about 100 ms of computing.
    fn private_key(&self) -> Result<PrivateKey, PkiError>;
}

/// Keys, numbers and time of this machine.
#[derive(Debug, Clone)]
pub struct SystemKeySource {
    bits: u64,
}

impl SystemKeySource {
    /// RSA keys of `KOPS_RSA_PRIVATE_KEY_SIZE` bits, 2048 by default.
    pub fn from_environment(environment: &Environment) -> Result<Self, PkiError> {
        let bits = match environment.get(env::KOPS_RSA_PRIVATE_KEY_SIZE) {
            None => 2048,
            Some(text) => text.parse().map_err(|_| PkiError::KeySize(text.to_owned()))?,
        };
        Ok(Self { bits })
    }
}

impl KeySource for SystemKeySource {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), PkiError> {
        getrandom::fill(buffer).map_err(|error| PkiError::Making { what: "random numbers", reason: error.to_string() })
    }

    fn private_key(&self) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_size_is_a_number() {
        let of =
            |text: &str| SystemKeySource::from_environment(&Environment::of([(env::KOPS_RSA_PRIVATE_KEY_SIZE, text)]));
        assert!(of("4096").is_ok());
        assert_eq!(of("big").err(), Some(PkiError::KeySize("big".to_owned())));
        assert_eq!(of("1000").and_then(|s| s.private_key()).err(), Some(PkiError::UnsupportedKeySize(1000)));
    }
}
