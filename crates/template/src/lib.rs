//! Go's `text/template` with sprig's functions: lexer, parser and evaluator.
//!
//! A text is split into tokens ([`lexer`]), made a tree whose parts know where they stand ([`parser`], [`ast`]), and run
//! over data ([`eval`]) with functions from [`functions`]. Every error of a run is found, not only the first, and each has
//! its place. What a template may do is bounded ([`budget`]), and what it can learn from outside is passed in
//! ([`EvalContext`]): by default nothing, so that the same input gives the same output.
//!
//! ```
//! use kopsform::template::Template;
//!
//! let template = Template::parse("greeting", "{{ range .names }}Hello {{ . | title }}!\n{{ end }}")?;
//! let text = template.render(&serde_json::json!({ "names": ["ada", "grace"] }))?;
//! assert_eq!(text, "Hello Ada!\nHello Grace!\n");
//! # Ok::<(), kopsform::diagnostics::Report>(())
//! ```

mod ast;
mod budget;
mod eval;
mod eval_context;
pub mod functions;
mod gotime;
mod lexer;
mod number;
mod object;
mod origins;
mod parser;
mod print;
mod printf;
mod semver;
mod set;
mod source;
mod value;

pub use budget::Budget;
pub use eval_context::{EvalContext, Random, Resolver};
pub use functions::{Args, Call, FunctionError, Functions, Outcome, Type};
pub use object::Object;
pub use origins::{Origin, Origins};
pub use semver::Version;
pub use value::{Element, List, Map, Value};

use kopsform_diagnostics::Report;

/// What becomes of a key that a map doesn't have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// It prints as `<no value>`.
    Default,
    /// It is a null.
    Zero,
    /// It is an error.
    #[default]
    Error,
}

/// A parsed template: parsed once, it can be rendered many times and from many threads.
#[derive(Debug)]
pub struct Template {
    set: set::Set,
    functions: Functions,
    missing_key: MissingKey,
}

impl Template {
    /// Parses a text; the name is for messages, and is best the file the text came from.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Report> {
        Self::parse_with(name, text, Functions::standard())
    }

    /// Parses a text that may call further functions.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn parse_with(name: &str, text: &str, functions: Functions) -> Result<Self, Report> {
        let set = set::Set::parse(name, text, &functions)?;
        Ok(Self { set, functions, missing_key: MissingKey::default() })
    }

    /// Says what becomes of a key that a map doesn't have; by default it is an error.
    #[must_use]
    pub fn missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Adds a text that this template can call by a name, with `{{ template }}` or `include`. `file` is for messages.
    ///
    /// # Errors
    /// All mistakes of the text.
    pub fn add(&mut self, name: &str, file: &str, text: &str) -> Result<(), Report> {
        self.set.add(name, file, text, &self.functions)
    }

    /// Renders with data, and without clock, environment or randomness.
    ///
    /// # Errors
    /// Every error that the template meets.
    pub fn render(&self, data: &serde_json::Value) -> Result<String, Report> {
        self.render_in(&Value::from(data), &EvalContext::default())
    }

    /// Renders with data and with what the template may learn from outside. Functions such as `set` change the data.
    ///
    /// # Errors
    /// Every error that the template meets.
    pub fn render_in(&self, data: &Value, eval_context: &EvalContext) -> Result<String, Report> {
        self.render_traced(data, eval_context).map(|(text, _)| text)
    }

    /// Renders, and says where each part of the text comes from.
    ///
    /// # Errors
    /// Every error that the template meets.
    pub fn render_traced(&self, data: &Value, eval_context: &EvalContext) -> Result<(String, Origins), Report> {
        eval::render(&self.set, self.missing_key, data, eval_context, Budget::default())
    }
}

/// A value as `{{ value }}` prints it.
///
/// # Errors
/// When it is too deep or too large.
pub fn display(value: &Value) -> Result<String, FunctionError> {
    print::display(value, &mut Budget::default())
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
