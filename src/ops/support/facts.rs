//! The facts of an operation: from the lock file, and for what it lacks from the cloud, or with `--offline` from what is
//! built in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::ops::clouds::{FactLookup, unsupported};
use kopsform_env::{self as env, Environment};
use kopsform_model::facts::{Facts, LookupError, Needs, built_in, lock};

/// Where facts may come from.
#[derive(Debug, Clone, Default)]
pub struct LookupOptions {
    /// The lock file; `KOPSFORM_LOCK` if absent.
    pub lock: Option<PathBuf>,
    /// Use only the lock file, and facts that are built in.
    pub offline: bool,
}

/// Finds facts on demand, each at most once.
pub struct FactFinder {
    facts: Facts,
    lock: Option<PathBuf>,
    offline: bool,
    /// Whether buckets that are not published are not looked up.
    without_buckets: bool,
    lookup: FactLookup,
}

/// Forgets that load balancers and addresses did not exist when they were looked up: they may exist by now, as after the first
/// `terraform apply` of a cluster. The certificate of the API names them.
fn forget_absences(facts: &mut Facts) {
    facts.load_balancers.retain(|_, balancer| !balancer.dns_name.is_empty());
    for addresses in facts.gce.addresses.values_mut().flat_map(BTreeMap::values_mut) {
        addresses.retain(|_, address| !address.is_empty());
    }
}

impl FactFinder {
    /// Reads the lock file, if one is given.
    ///
    /// # Errors
    /// If the lock file cannot be read.
    pub fn open(options: &LookupOptions, environment: &Environment) -> Result<Self, LookupError> {
        let path = options.lock.clone().or_else(|| environment.get(env::KOPSFORM_LOCK).map(PathBuf::from));
        let mut facts = match &path {
            Some(path) => {
                tracing::info!(path = %path.display(), offline = options.offline, "reading recorded facts");
                lock::read(path)?
            }
            None => Facts::default(),
        };
        if !options.offline {
            forget_absences(&mut facts);
        }
        Ok(Self {
            facts,
            lock: path,
            offline: options.offline,
            without_buckets: false,
            lookup: FactLookup::new(environment),
        })
    }

    /// The same without facts about buckets that only files for other programs have.
    #[must_use]
    pub fn without_buckets(mut self) -> Self {
        self.without_buckets = true;
        self
    }

    /// Whether only recorded facts may be used.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// The facts found so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// All facts that were found.
    pub fn finished(self) -> Facts {
        self.facts
    }

    /// Finds all facts that are needed and not known yet: in the cloud, or offline among those that are built in.
    ///
    /// # Errors
    /// [`LookupError::Missing`] with everything the lock file lacks if the cloud must not or cannot be queried; else its error.
    pub async fn find(&mut self, needs: &Needs) -> Result<&Facts, LookupError> {
        let fewer = Needs { buckets: BTreeSet::new(), ..needs.clone() };
        let needs = if self.without_buckets { &fewer } else { needs };
        built_in::fill_hashes(needs, &mut self.facts);
        if self.offline {
            built_in::fill(needs, &mut self.facts);
        } else if !needs.missing(&self.facts).is_empty() {
            self.lookup.resolve(needs, &mut self.facts).await?;
        }
        let needs = if self.offline { needs } else { &unsupported(needs) };
        lock::require(needs, &self.facts, self.lock.as_deref(), self.offline)?;
        Ok(&self.facts)
    }
}
