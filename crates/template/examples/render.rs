//! Renders a template with values from YAML or JSON files:
//! `cargo run -p kopsform-template --example render -- TEMPLATE [VALUES...]`
//!
//! Later files replace the keys of earlier ones. The output goes to standard output, errors go to standard error.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use kopsform_template::{EvalContext, FunctionError, Map, Template, Value};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.split_first() {
        None => Err("usage: render TEMPLATE [VALUES...]".to_owned()),
        Some((template, values)) => render(template, values),
    };
    let written = match &result {
        Ok(output) => std::io::stdout().write_all(output.as_bytes()),
        Err(error) => writeln!(std::io::stderr(), "{error}"),
    };
    if result.is_ok() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn render(template: &str, values: &[String]) -> Result<String, String> {
    let mut data = BTreeMap::new();
    for file in values {
        let parsed = kopsform_yaml::parse(file, &read(file)?);
        if parsed.report.has_errors() {
            return Err(parsed.report.to_string());
        }
        for entry in parsed.documents.iter().flat_map(|document| document.root.entries()) {
            // As in Helm and kops, every number of a values file is a float.
            data.insert(Arc::from(entry.key.as_str()), Value::with_float_numbers(&entry.value.to_json()));
        }
    }
    let text = read(template)?;
    let parsed = Template::parse(template, &text).map_err(|errors| errors.to_string())?;
    parsed.render_in(&Map::new(data).into(), &context()).map_err(|errors| errors.to_string())
}

/// What this machine offers: the clock, the environment, randomness.
fn context() -> EvalContext {
    EvalContext {
        environment: std::env::vars().collect(),
        now: Some(jiff::Timestamp::now()),
        zone: jiff::tz::TimeZone::system(),
        random: Some(Arc::new(|buffer: &mut [u8]| {
            getrandom::fill(buffer).map_err(|error| FunctionError::new(format!("no randomness: {error}")))
        })),
        ..EvalContext::default()
    }
}

fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))
}
