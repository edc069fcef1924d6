//! What a template can learn besides its data. By default nothing: the same input gives the same output.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::functions::FunctionError;

/// Fills a buffer with random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) -> Result<(), FunctionError> + Send + Sync>;
/// Returns the addresses of a host; empty where it has none.
pub type Resolver = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;

/// Clock, time zone, environment, randomness and host names, as far as a template may use them.
#[derive(Clone)]
pub struct EvalContext {
    /// Environment variables by name, for `env` and `expandenv`. Others are empty.
    pub environment: BTreeMap<String, String>,
    /// The time for `now` and `ago`, and when certificates begin; without it, these functions are errors.
    pub now: Option<jiff::Timestamp>,
    /// What Go calls `Local`; UTC by default.
    pub zone: jiff::tz::TimeZone,
    /// For functions such as `randAlpha`, `uuidv4` and `genCA`; without it, these functions are errors.
    pub random: Option<Random>,
    /// For `getHostByName`; without it, the function is an error.
    pub resolver: Option<Resolver>,
}

impl Default for EvalContext {
    fn default() -> Self {
        Self { environment: BTreeMap::new(), now: None, zone: jiff::tz::TimeZone::UTC, random: None, resolver: None }
    }
}

/// Leaves out the environment, which can hold secrets.
impl fmt::Debug for EvalContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalContext").field("now", &self.now).field("zone", &self.zone).finish_non_exhaustive()
    }
}

impl EvalContext {
    /// An environment variable; empty where it is not set.
    pub fn variable(&self, name: &str) -> &str {
        self.environment.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The time.
    ///
    /// # Errors
    /// When the template has no clock.
    pub fn now(&self) -> Result<jiff::Timestamp, FunctionError> {
        self.now.ok_or_else(|| FunctionError::new("the time is not available here: the output would change with it"))
    }

    /// So many random bytes.
    ///
    /// # Errors
    /// When the template has no random source.
    pub fn random(&self, count: usize) -> Result<Vec<u8>, FunctionError> {
        let Some(random) = &self.random else {
            return Err(FunctionError::new("random values are not available here: the output would never repeat"));
        };
        let mut bytes = vec![0; count];
        random(&mut bytes)?;
        Ok(bytes)
    }
}
