//! Where an operation gets its facts from: the lock file first, AWS for the rest unless the person forbade it.

use std::path::PathBuf;

use kopsform_env::{self as env, Environment};
use kopsform_model::facts::{Facts, LookupError, Needs, lock};

/// What a person said about look-ups.
#[derive(Debug, Clone, Default)]
pub struct LookupOptions {
    /// The lock file; `KOPSFORM_LOCK` when absent.
    pub lock: Option<PathBuf>,
    /// Use nothing but the lock file.
    pub offline: bool,
}

/// Facts on demand, each looked up at most once.
pub struct FactFinder {
    facts: Facts,
    lock: Option<PathBuf>,
    offline: bool,
    #[cfg(feature = "aws")]
    environment: Environment,
    #[cfg(feature = "aws")]
    clients: Option<kopsform_aws::clients::Clients>,
}

impl FactFinder {
    /// Reads the lock file, if there is one.
    ///
    /// # Errors
    /// When the lock file is named but cannot be read.
    pub fn open(options: &LookupOptions, environment: &Environment) -> Result<Self, LookupError> {
        let path = options.lock.clone().or_else(|| environment.get(env::KOPSFORM_LOCK).map(PathBuf::from));
        let facts = match &path {
            Some(path) => lock::read(path)?,
            None => Facts::default(),
        };
        Ok(Self {
            facts,
            lock: path,
            offline: options.offline,
            #[cfg(feature = "aws")]
            environment: environment.clone(),
            #[cfg(feature = "aws")]
            clients: None,
        })
    }

    /// Whether nothing but recorded facts may be used.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// What is known so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Everything that was found, once nothing more is asked for.
    pub fn finished(self) -> Facts {
        self.facts
    }

    /// Finds everything that is needed and not known yet.
    ///
    /// # Errors
    /// [`LookupError::Missing`] names all that the lock file lacks when AWS must not or cannot be asked; else what AWS said.
    pub async fn find(&mut self, needs: &Needs) -> Result<&Facts, LookupError> {
        if !needs.missing(&self.facts).is_empty() {
            self.look_up(needs).await?;
        }
        if self.offline || cfg!(not(feature = "aws")) {
            lock::require(needs, &self.facts, self.lock.as_deref(), self.offline)?;
        }
        Ok(&self.facts)
    }

    #[cfg(feature = "aws")]
    async fn look_up(&mut self, needs: &Needs) -> Result<(), LookupError> {
        if self.offline {
            return Ok(());
        }
        let clients = match self.clients.take() {
            Some(clients) => clients,
            None => kopsform_aws::clients::Clients::load(&self.environment, Some(&needs.region)).await,
        };
        let clients = self.clients.insert(clients);
        kopsform_aws::lookup::resolve(clients, needs, &mut self.facts).await
    }

    #[cfg(not(feature = "aws"))]
    async fn look_up(&mut self, _needs: &Needs) -> Result<(), LookupError> {
        Ok(())
    }
}
