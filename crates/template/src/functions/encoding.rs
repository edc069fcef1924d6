//! Encodings and checksums: base64, base32, JSON, YAML, SHA.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::{Budget, MAX_TEXT, MAX_VALUE_DEPTH, deeper};
use crate::number::shortest_within;
use crate::value::Value;

pub(super) fn register(table: &mut Table) {
    table.add("b64enc", &[Type::Str], |call, args| {
        call.budget.text(args.text(0).len() * 2)?;
        Ok(BASE64.encode(args.text(0)).into())
    });
    table.add("b64dec", &[Type::Str], |call, args| {
        call.budget.text(args.text(0).len())?;
        let text: String = args.text(0).chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        decoded(BASE64.decode(text).ok(), "base64")
    });
    table.add("b32enc", &[Type::Str], |call, args| {
        call.budget.text(args.text(0).len() * 2)?;
        Ok(base32(args.text(0).as_bytes()).into())
    });
    table.add("b32dec", &[Type::Str], |call, args| {
        call.budget.text(args.text(0).len())?;
        decoded(from_base32(args.text(0)), "base32")
    });
    table.add("sha1sum", &[Type::Str], digest::<Sha1>);
    table.add("sha256sum", &[Type::Str], digest::<Sha256>);
    table.add("sha512sum", &[Type::Str], digest::<Sha512>);
    table.add("adler32sum", &[Type::Str], |call, args| {
        call.budget.spend(args.text(0).len())?;
        Ok(adler32(args.text(0).as_bytes()).to_string().into())
    });
    for name in ["toJson", "mustToJson"] {
        table.add(name, &[Type::Any], |call, args| json(call, args, Style { escape_html: true, pretty: false }));
    }
    for name in ["toPrettyJson", "mustToPrettyJson"] {
        table.add(name, &[Type::Any], |call, args| json(call, args, Style { escape_html: true, pretty: true }));
    }
    for name in ["toRawJson", "mustToRawJson"] {
        table.add(name, &[Type::Any], |call, args| json(call, args, Style { escape_html: false, pretty: false }));
    }
    table.add("fromJson", &[Type::Str], |call, args| match from_json(call, args) {
        Err(error) if !error.fatal => Ok(Value::Nil),
        outcome => outcome,
    });
    table.add("mustFromJson", &[Type::Str], from_json);
    #[cfg(feature = "yaml")]
    {
        table.add("toYaml", &[Type::Any], to_yaml);
        table.add("fromYaml", &[Type::Str], from_yaml);
    }
}

fn decoded(bytes: Option<Vec<u8>>, encoding: &str) -> Outcome {
    let bytes = bytes.ok_or_else(|| FunctionError::new(format!("not valid {encoding}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| FunctionError::new(format!("the {encoding} contains bytes that are not UTF-8")))?;
    Ok(text.into())
}

fn digest<D: Digest>(call: &mut Call<'_>, args: &Args) -> Outcome {
    call.budget.spend(args.text(0).len() / 64)?;
    let digest = D::digest(args.text(0).as_bytes());
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let bits = (0..5).fold(0u64, |bits, i| bits << 8 | u64::from(chunk.get(i).copied().unwrap_or(0)));
        let used = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            let index = usize::try_from(bits >> (35 - 5 * i) & 31).unwrap_or(0);
            out.push(if i < used { char::from(BASE32[index]) } else { '=' });
        }
    }
    out
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    if !text.len().is_multiple_of(8) {
        return None;
    }
    let last = text.len() / 8;
    let mut out = Vec::new();
    for (i, chunk) in text.chunks(8).enumerate() {
        let used = chunk.iter().take_while(|b| **b != b'=').count();
        let padding_is_fine = chunk[used..].iter().all(|b| *b == b'=') && (used == 8 || i + 1 == last);
        let bytes = match used {
            2 => 1,
            4 => 2,
            5 => 3,
            7 => 4,
            8 => 5,
            _ => return None,
        };
        if !padding_is_fine {
            return None;
        }
        let mut bits = 0u64;
        for c in &chunk[..used] {
            bits = bits << 5 | u64::try_from(BASE32.iter().position(|b| b == c)?).ok()?;
        }
        bits <<= 5 * (8 - used);
        out.extend((0..bytes).map(|i| u8::try_from(bits >> (32 - 8 * i) & 255).unwrap_or(0)));
    }
    Some(out)
}

#[derive(Clone, Copy)]
struct Style {
    escape_html: bool,
    pretty: bool,
}

fn json(call: &mut Call<'_>, args: &Args, style: Style) -> Outcome {
    let mut out = String::new();
    write_json(args.any(0), style, 0, &mut out, call.budget)?;
    call.budget.text(out.len())?;
    Ok(out.into())
}

fn write_json(
    value: &Value,
    style: Style,
    depth: usize,
    out: &mut String,
    budget: &mut Budget,
) -> Result<(), FunctionError> {
    budget.spend(1)?;
    if depth > MAX_VALUE_DEPTH {
        return Err(FunctionError::fatal(format!("a value nested more than {MAX_VALUE_DEPTH} levels deep")));
    }
    if out.len() > MAX_TEXT {
        budget.text(out.len())?;
    }
    let line = |out: &mut String, depth: usize| {
        if style.pretty {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
    };
    match value {
        Value::Absent | Value::Nil => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) | Value::Int64(n) => out.push_str(&n.to_string()),
        Value::Uint64(n) => out.push_str(&n.to_string()),
        Value::Uint8(n) => out.push_str(&n.to_string()),
        Value::Float(n) if !n.is_finite() => {
            return Err(FunctionError::new("JSON has no such number: it is not finite"));
        }
        Value::Float(n) => {
            let text = shortest_within(*n, -6..21);
            // Go's JSON has no leading zero in negative exponents.
            out.push_str(&match text.split_once("e-0") {
                Some((mantissa, exponent)) => format!("{mantissa}e-{exponent}"),
                None => text,
            });
        }
        Value::Str(text) => write_json_string(text, style, out),
        Value::List(list) if list.is_nil() => out.push_str("null"),
        Value::Map(map) if map.is_nil() => out.push_str("null"),
        Value::List(list) if list.items().is_empty() => out.push_str("[]"),
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.items().iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                line(out, depth + 1);
                deeper(|| write_json(item, style, depth + 1, out, budget))?;
            }
            line(out, depth);
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (i, (key, item)) in map.entries().into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                line(out, depth + 1);
                write_json_string(&key, style, out);
                out.push_str(if style.pretty { ": " } else { ":" });
                deeper(|| write_json(&item, style, depth + 1, out, budget))?;
            }
            line(out, depth);
            out.push('}');
        }
        Value::Object(object) => match (object.number(), object.json_text()) {
            (Some(n), _) => out.push_str(&n.to_string()),
            (None, Some(text)) => write_json_string(&text, style, out),
            (None, None) => {
                let map = object.fields().into_iter().map(|(k, v)| (k.into(), v)).collect();
                write_json(&Value::Map(map), style, depth, out, budget)?;
            }
        },
    }
    Ok(())
}

fn write_json_string(text: &str, style: Style, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' if style.escape_html => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Counts a document that is about to be parsed: at most a value for every comma, colon, dash and bracket, each far larger
/// than its characters.
fn charge_document(call: &mut Call<'_>, text: &str) -> Result<(), FunctionError> {
    let values = text.bytes().filter(|b| matches!(b, b',' | b':' | b'[' | b'{' | b'-')).count();
    call.budget.bytes(text.len().saturating_add(values.saturating_mul(64)))?;
    call.budget.spend(text.len() / 4)
}

fn from_json(call: &mut Call<'_>, args: &Args) -> Outcome {
    charge_document(call, args.text(0))?;
    match serde_json::from_str::<serde_json::Value>(args.text(0)) {
        Ok(document) => Ok(Value::with_float_numbers(&document)),
        Err(error) => {
            Err(FunctionError::new(format!("not valid JSON: line {}, column {}", error.line(), error.column())))
        }
    }
}

#[cfg(feature = "yaml")]
fn to_yaml(call: &mut Call<'_>, args: &Args) -> Outcome {
    let mut text = String::new();
    write_json(args.any(0), Style { escape_html: false, pretty: false }, 0, &mut text, call.budget)?;
    let document: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| FunctionError::new("a value nested more than 127 levels deep"))?;
    call.budget.spend(text.len() / 4)?;
    let text = kopsform_yaml::to_string(&document);
    call.budget.text(text.len())?;
    Ok(text.trim_end_matches('\n').into())
}

#[cfg(feature = "yaml")]
fn from_yaml(call: &mut Call<'_>, args: &Args) -> Outcome {
    charge_document(call, args.text(0))?;
    let parsed = kopsform_yaml::parse("", args.text(0));
    match parsed.documents.as_slice() {
        _ if parsed.report.has_errors() => Err(FunctionError::new("not valid YAML")),
        [] => Ok(Value::Nil),
        [document] => Ok(Value::with_float_numbers(&document.root.to_json())),
        _ => Err(FunctionError::new("several YAML documents, where one is expected")),
    }
}
