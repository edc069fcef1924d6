//! Go's `text/template` with sprig's functions, as kops and Helm use them.
//!
//! Parse once, render often:
//!
//! ```
//! use kopsform_template::Template;
//!
//! let template = Template::parse("greeting.tpl", "{{ range .names }}Hello {{ . | title }}!\n{{ end }}")?;
//! let output = template.render(&serde_json::json!({ "names": ["ada", "grace"] }))?;
//! assert_eq!(output, "Hello Ada!\nHello Grace!\n");
//! # Ok::<(), kopsform_template::Report>(())
//! ```
//!
//! # Errors
//!
//! Parsing and rendering do not stop at the first error. A [`Report`] has a [`Finding`] for each: a stable code, the message,
//! a hint, the line and column, the bytes of the template, and an excerpt. Printed, it looks as a compiler's:
//!
//! ```
//! use kopsform_template::Template;
//!
//! let template = Template::parse("t.tpl", "a: {{ .nmae }}\nb: {{ upper 5 }}\n")?;
//! let errors = template.render(&serde_json::json!({ "name": "x" })).unwrap_err();
//! assert_eq!(errors.findings.len(), 2);
//! let first = &errors.findings[0];
//! assert_eq!((first.rule.name(), first.hint.as_deref()), ("missing-key", Some("did you mean name?")));
//! assert_eq!(first.span, Some(6..11));
//! assert_eq!(
//!     first.to_string(),
//!     "t.tpl:1:7: .nmae: there is no key \"nmae\"\n     1 | a: {{ .nmae }}\n       |       ^\nhint: did you mean name?"
//! );
//! # Ok::<(), kopsform_template::Report>(())
//! ```
//!
//! # What a template can learn
//!
//! Only its data, unless an [`EvalContext`] says more: the same input gives the same output.
//!
//! ```
//! use kopsform_template::{EvalContext, Template, Value};
//!
//! let template = Template::parse("t", "{{ now | date \"2006\" }} {{ env \"REGION\" }}")?;
//! let data = Value::from(&serde_json::json!({}));
//! assert!(template.render_in(&data, &EvalContext::default()).is_err());
//! let context = EvalContext {
//!     now: jiff::Timestamp::from_second(1_700_000_000).ok(),
//!     environment: [("REGION".to_owned(), "eu-west-1".to_owned())].into(),
//!     ..EvalContext::default()
//! };
//! assert_eq!(template.render_in(&data, &context)?, "2023 eu-west-1");
//! # Ok::<(), kopsform_template::Report>(())
//! ```
//!
//! # Functions of your own
//!
//! ```
//! use kopsform_template::{FunctionError, Functions, Template, Type};
//!
//! let mut functions = Functions::standard();
//! functions.register("half", &[Type::Int], None, |_, args| match args.int(0) {
//!     n if n % 2 == 0 => Ok(kopsform_template::Value::Int(n / 2)),
//!     _ => Err(FunctionError::new("an odd number")),
//! });
//! let template = Template::parse_with("t", "{{ half 42 }}", functions)?;
//! assert_eq!(template.render(&serde_json::json!({}))?, "21");
//! # Ok::<(), kopsform_template::Report>(())
//! ```
//!
//! # Snippets, and where output comes from
//!
//! [`Template::add`] makes a source available to `{{ template }}` and `include`. [`Template::render_traced`] also gives
//! [`Origins`], which map a byte of the output to its location in a template: what is wrong with rendered YAML can
//! be reported where the user can fix it.
//!
//! ```
//! use kopsform_template::{EvalContext, Template, Value};
//!
//! let mut template = Template::parse("main.tpl", "a: {{ .x }}\n{{ template \"s\" . }}")?;
//! template.add("s", "s.tpl", "b: {{ .x }}\n")?;
//! let data = Value::from(&serde_json::json!({ "x": 1 }));
//! let (output, origins) = template.render_traced(&data, &EvalContext::default())?;
//! assert_eq!(output, "a: 1\nb: 1\n");
//! assert_eq!(origins.of(8).map(|origin| origin.location.to_string()).as_deref(), Some("s.tpl:1:7"));
//! # Ok::<(), kopsform_template::Report>(())
//! ```
//!
//! # Bounds
//!
//! A run ends with an error instead of taking all memory or time: see [`Budget`]. Templates need not be trusted.
//!
//! # How it works
//!
//! The text is split into tokens (`lexer`) and parsed into a tree whose nodes know their span (`parser`, `ast`), which is
//! run over the data (`eval`) with functions from [`functions`], one file a family. `print`, `printf`, `number`, `gotime` and
//! `semver` are Go's formatting and the libraries that sprig uses.
//!
//! # Cargo features
//!
//! - `crypto` (default): keys, certificates, password hashes and encryption, such as `genCA`, `bcrypt`, `derivePassword`.
//! - `yaml` (default): `toYaml` and `fromYaml`.

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
pub use kopsform_diagnostics::{Excerpt, Finding, Location, Report, Rule, Severity};
pub use object::Object;
pub use origins::{Origin, Origins};
pub use semver::Version;
pub use value::{Element, List, Map, Value};

/// What a key that a map does not have gives, as Go's option `missingkey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// It prints as `<no value>`: Go's `default`.
    Default,
    /// It is a null, or an empty string in a map of strings: Go's `zero`.
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
    /// Parses a template. The name is for messages; best is the file it came from.
    ///
    /// # Errors
    /// All errors of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Report> {
        Self::parse_with(name, text, Functions::standard())
    }

    /// Parses a template that may call further functions.
    ///
    /// # Errors
    /// All errors of the text.
    pub fn parse_with(name: &str, text: &str, functions: Functions) -> Result<Self, Report> {
        let set = set::Set::parse(name, text, &functions)?;
        Ok(Self { set, functions, missing_key: MissingKey::default() })
    }

    /// Sets what a key that a map does not have gives; an error by default.
    #[must_use]
    pub fn missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Adds a source that this template can call by a name, with `{{ template }}` or `include`, and the templates that it
    /// defines. `file` is for messages.
    ///
    /// # Errors
    /// All errors of the source.
    pub fn add(&mut self, name: &str, file: &str, text: &str) -> Result<(), Report> {
        self.set.add(name, file, text, &self.functions)
    }

    /// Renders with data, and without clock, environment or randomness.
    ///
    /// # Errors
    /// Every error the template meets.
    pub fn render(&self, data: &serde_json::Value) -> Result<String, Report> {
        self.render_in(&Value::from(data), &EvalContext::default())
    }

    /// Renders with data and a context. Functions such as `set` change the data.
    ///
    /// # Errors
    /// Every error the template meets.
    pub fn render_in(&self, data: &Value, context: &EvalContext) -> Result<String, Report> {
        self.render_traced(data, context).map(|(output, _)| output)
    }

    /// Renders, and says where each part of the output comes from.
    ///
    /// # Errors
    /// Every error the template meets.
    pub fn render_traced(&self, data: &Value, context: &EvalContext) -> Result<(String, Origins), Report> {
        self.render_within(data, context, Budget::default())
    }

    /// Renders within a budget of your own.
    ///
    /// # Errors
    /// Every error the template meets.
    pub fn render_within(
        &self,
        data: &Value,
        context: &EvalContext,
        budget: Budget,
    ) -> Result<(String, Origins), Report> {
        eval::render(&self.set, self.missing_key, data, context, budget)
    }
}

/// A value as `{{ value }}` prints it.
///
/// # Errors
/// When it is nested too deep or too large.
pub fn display(value: &Value) -> Result<String, FunctionError> {
    print::display(value, &mut Budget::default())
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
