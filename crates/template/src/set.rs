//! The templates that can call each other: the main one, those it defines, and those that were added.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::Node;
use super::functions::Functions;
use super::parser::{self, is_blank};
use super::source::Source;
use kopsform_diagnostics::Report;

/// The name kops gives to the main template, which can call itself by it.
const MAIN: &str = "mainTemplate";

/// A template's tree and the text it refers to.
#[derive(Debug)]
pub(super) struct Body {
    pub source: Arc<Source>,
    pub body: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Set {
    main: Body,
    named: BTreeMap<Arc<str>, Body>,
}

impl Set {
    pub fn parse(file: &str, text: &str, functions: &Functions) -> Result<Self, Report> {
        let source = Arc::new(Source::new(file, text));
        let parsed = parser::parse(&source, functions)?;
        let mut set = Self { main: Body { source: source.clone(), body: parsed.main }, named: BTreeMap::new() };
        set.define(&source, parsed.definitions);
        Ok(set)
    }

    /// Adds a source under a name, with the templates it defines.
    pub fn add(&mut self, name: &str, file: &str, text: &str, functions: &Functions) -> Result<(), Report> {
        let source = Arc::new(Source::new(file, text));
        let parsed = parser::parse(&source, functions)?;
        self.define(&source, parsed.definitions);
        self.put(Arc::from(name), Body { source, body: parsed.main });
        Ok(())
    }

    fn define(&mut self, source: &Arc<Source>, definitions: Vec<parser::Definition>) {
        for definition in definitions {
            self.put(definition.name, Body { source: source.clone(), body: definition.body });
        }
    }

    /// A later template replaces an earlier one of its name, unless it is blank (Go: `Template.AddParseTree`).
    fn put(&mut self, name: Arc<str>, body: Body) {
        if !self.named.contains_key(&name) || !is_blank(&body.source, &body.body) {
            self.named.insert(name, body);
        }
    }

    pub fn main(&self) -> &Body {
        &self.main
    }

    pub fn get(&self, name: &str) -> Option<&Body> {
        self.named.get(name).or_else(|| (name == MAIN).then_some(&self.main))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(AsRef::as_ref)
    }
}
