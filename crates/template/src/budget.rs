//! Bounds on what a template may do, so that neither an accident nor an attack takes all memory or time.
//!
//! Steps stand for time, about half a microsecond each at worst; bytes for the memory of all strings and lists a run makes,
//! whether it keeps them or not. Both are counted, not measured: the same template fails at the same step on any machine.

use std::sync::Arc;

use super::functions::FunctionError;
use super::value::Value;

/// The most tokens of a source: trees take far more memory than the source they are parsed from.
pub(super) const MAX_TOKENS: usize = 1_500_000;
/// How deep template calls, blocks and parentheses may nest while a template runs, all together.
pub(super) const MAX_DEPTH: usize = 2000;
/// How deep a value may nest to be printed, encoded, copied or compared.
pub(super) const MAX_VALUE_DEPTH: usize = 1000;
/// The largest string in bytes: a whole output, or one value.
pub(super) const MAX_TEXT: usize = 16 << 20;
/// The longest list.
pub(super) const MAX_LIST: usize = 1 << 20;
/// The most errors reported for a template.
pub(super) const MAX_FINDINGS: usize = 100;
const MAX_STEPS: u64 = 10_000_000;
const MAX_BYTES: u64 = 256 << 20;

/// What a string takes besides its bytes, and an item of a list or map besides its content.
const OVERHEAD: usize = 32;

/// Goes one level deeper, on a new stack where the rest of the current one would not do.
pub(super) fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 << 10, 2 << 20, step)
}

/// What a run may still spend.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    bytes: u64,
}

/// Ten million steps and 256 MiB: seconds at most, and more than any template of a cluster needs.
impl Default for Budget {
    fn default() -> Self {
        Self { steps: MAX_STEPS, bytes: MAX_BYTES }
    }
}

impl Budget {
    /// A budget of so many steps and bytes.
    pub fn new(steps: u64, bytes: u64) -> Self {
        Self { steps, bytes }
    }

    /// Counts work: about one step for a value that is looked at.
    ///
    /// # Errors
    /// When the run has done too much.
    pub fn spend(&mut self, steps: usize) -> Result<(), FunctionError> {
        self.steps = self.steps.checked_sub(steps as u64).ok_or_else(|| {
            FunctionError::fatal("the template does too much work").hint("look for a range over a very large list")
        })?;
        Ok(())
    }

    /// Counts a string of so many bytes that is about to be made.
    ///
    /// # Errors
    /// When it is too large, or all strings together are.
    pub fn text(&mut self, bytes: usize) -> Result<(), FunctionError> {
        fits(bytes)?;
        self.bytes(bytes.saturating_add(OVERHEAD))
    }

    /// Counts what is about to be added to a string that has been counted.
    ///
    /// # Errors
    /// When the string becomes too large, or all strings together do.
    pub fn longer(&mut self, have: usize, added: usize) -> Result<(), FunctionError> {
        fits(have.saturating_add(added))?;
        self.bytes(added)
    }

    /// Counts a list or map of so many items that is about to be made.
    ///
    /// # Errors
    /// When it is too long, or all of them together are.
    pub fn items(&mut self, items: usize) -> Result<(), FunctionError> {
        if items > MAX_LIST {
            return Err(FunctionError::fatal(format!("a list of more than {MAX_LIST} items")));
        }
        self.spend(items)?;
        self.bytes(items.saturating_mul(OVERHEAD))
    }

    /// Counts the call of a function: most read the whole of their strings.
    pub(super) fn call(&mut self, args: &[Value]) -> Result<(), FunctionError> {
        let read: usize = args.iter().filter_map(Value::as_str).map(|text| text.len() / 64).sum();
        self.spend(read.saturating_add(1))
    }

    /// Counts what a function gave, if that is a string of its own and not one that exists elsewhere.
    pub(super) fn result(&mut self, value: &Value) -> Result<(), FunctionError> {
        match value {
            Value::Str(text) if Arc::strong_count(text) == 1 => self.text(text.len()),
            _ => Ok(()),
        }
    }

    /// Counts memory for anything else.
    ///
    /// # Errors
    /// When the run has taken too much.
    pub fn bytes(&mut self, bytes: usize) -> Result<(), FunctionError> {
        self.bytes = self
            .bytes
            .checked_sub(bytes as u64)
            .ok_or_else(|| FunctionError::fatal("the template takes too much memory"))?;
        Ok(())
    }
}

fn fits(bytes: usize) -> Result<(), FunctionError> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(FunctionError::fatal(format!("a string of more than {} MiB", MAX_TEXT >> 20)))
}
