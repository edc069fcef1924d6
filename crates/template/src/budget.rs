//! Bounds on what a template may do, so that a mistake or a trap ends with an error instead of a full disk or memory.

use super::functions::FunctionError;

/// How deep template calls, blocks and parentheses may nest while a template runs, all together.
pub(super) const MAX_DEPTH: usize = 2000;
/// How deep a value may nest to be printed, encoded, copied or compared.
pub(super) const MAX_VALUE_DEPTH: usize = 1000;
/// The largest text: a whole output, or one string.
pub(super) const MAX_TEXT: usize = 16 << 20;
/// The longest list.
pub(super) const MAX_LIST: usize = 1 << 20;
/// More mistakes than these help nobody.
pub(super) const MAX_FINDINGS: usize = 100;
const MAX_STEPS: u64 = 10_000_000;
const MAX_BYTES: u64 = 1 << 30;

/// Goes one level deeper, on more stack where the rest of it would not do.
pub(super) fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 << 10, 2 << 20, step)
}

/// What a run may still spend.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: MAX_STEPS, bytes: MAX_BYTES }
    }
}

impl Budget {
    /// A budget of so many steps and bytes, for tests that use all of it.
    #[cfg(test)]
    pub(super) fn of(steps: u64, bytes: u64) -> Self {
        Self { steps, bytes }
    }

    /// Counts work: about one step for a value looked at.
    ///
    /// # Errors
    /// When the run has done too much.
    pub fn spend(&mut self, steps: usize) -> Result<(), FunctionError> {
        self.steps = self.steps.checked_sub(steps as u64).ok_or_else(|| {
            FunctionError::fatal("the template does too much work").hint("look for a range over a very large list")
        })?;
        Ok(())
    }

    /// Counts a text of so many bytes that is about to be made.
    ///
    /// # Errors
    /// When it is too large, or all texts together are.
    pub fn text(&mut self, bytes: usize) -> Result<(), FunctionError> {
        fits(bytes)?;
        self.bytes(bytes)
    }

    /// Counts what is about to be added to a text that has been counted.
    ///
    /// # Errors
    /// When the text becomes too large, or all texts together do.
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
        self.bytes(items.saturating_mul(32))
    }

    fn bytes(&mut self, bytes: usize) -> Result<(), FunctionError> {
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
    Err(FunctionError::fatal(format!("a text of more than {} MiB", MAX_TEXT >> 20)))
}
