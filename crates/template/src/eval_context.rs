//! What a template can learn from outside of its data. By default nothing: the same input gives the same output.

use std::fmt;
use std::sync::Arc;

use super::functions::FunctionError;
use kopsform_env::Environment;

/// Fills a buffer with random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) -> Result<(), FunctionError> + Send + Sync>;
/// Gives the addresses of a host.
pub type Resolver = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;

/// Clock, time zone, environment, randomness and names, as far as a template may have them.
#[derive(Clone)]
pub struct EvalContext {
    /// For `env` and `expandenv`.
    pub environment: Environment,
    /// For `now`, `ago`.
    pub now: Option<jiff::Timestamp>,
    /// What Go calls `Local`.
    pub zone: jiff::tz::TimeZone,
    /// For `randAlpha`, `uuidv4`, `genCA` and the like.
    pub random: Option<Random>,
    /// For `getHostByName`.
    pub resolver: Option<Resolver>,
}

impl Default for EvalContext {
    fn default() -> Self {
        Self {
            environment: Environment::default(),
            now: None,
            zone: jiff::tz::TimeZone::UTC,
            random: None,
            resolver: None,
        }
    }
}

impl fmt::Debug for EvalContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalContext").field("now", &self.now).field("zone", &self.zone).finish_non_exhaustive()
    }
}

impl EvalContext {
    /// What time it is.
    ///
    /// # Errors
    /// When the template has no clock.
    pub fn now(&self) -> Result<jiff::Timestamp, FunctionError> {
        self.now
            .ok_or_else(|| FunctionError::new("the time of day is not available here: the output would change with it"))
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
