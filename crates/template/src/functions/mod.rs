//! The functions a template can call: Go's own, sprig's, and a few more. One file a family.

mod args;
mod builtin;
#[cfg(feature = "crypto")]
mod certificates;
mod dates;
mod defaults;
mod dicts;
mod encoding;
mod lists;
mod math;
mod outside;
#[cfg(feature = "crypto")]
mod passwords;
mod paths;
mod patterns;
mod reflection;
mod strings;
mod urls;
mod versions;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

pub use args::Args;

use super::budget::Budget;
use super::eval_context::EvalContext;
use super::value::Value;
pub(crate) use patterns::Expressions;

/// The type of a parameter. As in Go, nothing is converted: a `float64` is not an `int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A value of any type.
    Any,
    /// `string`.
    Str,
    /// `int`.
    Int,
    /// `uint32`: only constants can be passed.
    Uint32,
    /// `float64`.
    Float,
    /// `bool`.
    Bool,
    /// A map of anything.
    Map,
    /// A list of anything.
    List,
    /// A time.
    Time,
    /// A certificate with its key.
    Certificate,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "interface {}",
            Self::Str => "string",
            Self::Int => "int",
            Self::Uint32 => "uint32",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Time => "time.Time",
            Self::Certificate => "certificate",
        })
    }
}

/// Why a function returned no value.
#[derive(Debug, Clone)]
pub struct FunctionError {
    /// What is wrong: a lower-case fragment. It should not contain values, which can be secrets.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether it ends the run; otherwise the rest of the template is still run to find more errors.
    pub fatal: bool,
}

impl FunctionError {
    /// An error after which the run goes on to find more.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, fatal: false }
    }

    /// An error that ends the run.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, fatal: true }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a function can use besides its arguments.
pub struct Call<'r> {
    /// What the run may still spend.
    pub budget: &'r mut Budget,
    /// Clock, environment, randomness, host names.
    pub eval_context: &'r EvalContext,
    /// The regular expressions of the run.
    pub(crate) expressions: &'r mut Expressions,
}

/// The result of a function.
pub type Outcome = Result<Value, FunctionError>;

type Native = fn(&mut Call<'_>, &Args) -> Outcome;
type Closure = Arc<dyn Fn(&mut Call<'_>, &Args) -> Outcome + Send + Sync>;

/// A function: its parameters and what it does.
pub struct Function {
    pub(super) name: Arc<str>,
    pub(super) parameters: Vec<Type>,
    /// The type of any number of further arguments, if it takes them.
    pub(super) rest: Option<Type>,
    pub(super) body: Body,
}

impl Function {
    /// The type of a parameter, counted from 0.
    pub(super) fn parameter(&self, index: usize) -> Type {
        self.parameters.get(index).copied().or(self.rest).unwrap_or(Type::Any)
    }

    /// Checks the number of arguments.
    ///
    /// # Errors
    /// How many it takes.
    pub(super) fn check_count(&self, count: usize) -> Result<(), FunctionError> {
        let wanted = self.parameters.len();
        if count == wanted || (count > wanted && self.rest.is_some()) {
            return Ok(());
        }
        let least = if self.rest.is_some() { "at least " } else { "" };
        let plural = if wanted == 1 { "" } else { "s" };
        Err(FunctionError::new(format!("{} takes {least}{wanted} argument{plural}, not {count}", self.name)))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

pub(super) enum Body {
    Native(Native),
    Closure(Closure),
    /// Evaluates its arguments up to the first that is false.
    And,
    /// Evaluates its arguments up to the first that is true.
    Or,
    /// Renders another template.
    Include,
}

/// The functions of a template, by name.
#[derive(Debug, Clone)]
pub struct Functions {
    standard: Arc<HashMap<Arc<str>, Arc<Function>>>,
    added: HashMap<Arc<str>, Arc<Function>>,
}

impl Functions {
    /// Go's functions, sprig's, `include`, and with the feature `yaml` `toYaml` and `fromYaml`.
    pub fn standard() -> Self {
        static STANDARD: LazyLock<Arc<HashMap<Arc<str>, Arc<Function>>>> = LazyLock::new(|| {
            let mut table = Table::default();
            table.special("and", &[Type::Any], Some(Type::Any), Body::And);
            table.special("or", &[Type::Any], Some(Type::Any), Body::Or);
            table.special("include", &[Type::Str, Type::Map], None, Body::Include);
            builtin::register(&mut table);
            #[cfg(feature = "crypto")]
            certificates::register(&mut table);
            dates::register(&mut table);
            defaults::register(&mut table);
            dicts::register(&mut table);
            encoding::register(&mut table);
            lists::register(&mut table);
            math::register(&mut table);
            outside::register(&mut table);
            #[cfg(feature = "crypto")]
            passwords::register(&mut table);
            paths::register(&mut table);
            patterns::register(&mut table);
            reflection::register(&mut table);
            strings::register(&mut table);
            urls::register(&mut table);
            versions::register(&mut table);
            words::register(&mut table);
            Arc::new(table.functions)
        });
        Self { standard: STANDARD.clone(), added: HashMap::new() }
    }

    /// Adds a function, replacing one of the same name. It takes `parameters` and, if `rest` is given, any number of
    /// further arguments of that type.
    pub fn register(
        &mut self,
        name: &str,
        parameters: &[Type],
        rest: Option<Type>,
        body: impl Fn(&mut Call<'_>, &Args) -> Outcome + Send + Sync + 'static,
    ) {
        let name: Arc<str> = Arc::from(name);
        let parameters = parameters.to_vec();
        let function = Function { name: name.clone(), parameters, rest, body: Body::Closure(Arc::new(body)) };
        self.added.insert(name, Arc::new(function));
    }

    /// The function of a name.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Function>> {
        self.added.get(name).or_else(|| self.standard.get(name)).cloned()
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.added.keys().chain(self.standard.keys()).map(AsRef::as_ref)
    }
}

/// The functions of all families.
#[derive(Default)]
struct Table {
    functions: HashMap<Arc<str>, Arc<Function>>,
}

impl Table {
    /// A function with a fixed number of arguments.
    fn add(&mut self, name: &str, parameters: &[Type], body: Native) {
        self.special(name, parameters, None, Body::Native(body));
    }

    /// A function with any number of arguments after the first ones.
    fn variadic(&mut self, name: &str, parameters: &[Type], rest: Type, body: Native) {
        self.special(name, parameters, Some(rest), Body::Native(body));
    }

    fn special(&mut self, name: &str, parameters: &[Type], rest: Option<Type>, body: Body) {
        let name: Arc<str> = Arc::from(name);
        let function = Function { name: name.clone(), parameters: parameters.to_vec(), rest, body };
        self.functions.insert(name, Arc::new(function));
    }
}
