//! What comes from outside the data: the environment, host names, randomness.

use super::{Call, FunctionError, Outcome, Table, Type};
use crate::budget::Budget;

pub(super) fn register(table: &mut Table) {
    table.add("env", &[Type::Str], |call, args| Ok(call.eval_context.variable(args.text(0)).into()));
    table.add("expandenv", &[Type::Str], |call, args| {
        Ok(expanded(call.budget, args.text(0), |name| call.eval_context.variable(name))?.into())
    });
    table.add("getHostByName", &[Type::Str], |call, args| {
        let Some(resolve) = &call.eval_context.resolver else {
            return Err(FunctionError::new("host names are not looked up here"));
        };
        // A look-up can take a second.
        call.budget.spend(100_000)?;
        let address = resolve(args.text(0)).into_iter().next();
        Ok(address.ok_or_else(|| FunctionError::new("the host has no address"))?.into())
    });
    table.add("randAlphaNum", &[Type::Int], |call, args| random(call, args.int(0), is_alphanumeric));
    table.add("randAlpha", &[Type::Int], |call, args| random(call, args.int(0), |b| b.is_ascii_alphabetic()));
    table.add("randNumeric", &[Type::Int], |call, args| random(call, args.int(0), |b| b.is_ascii_digit()));
    table.add("randAscii", &[Type::Int], |call, args| random(call, args.int(0), |b| (b' '..=b'~').contains(&b)));
    table.add("randBytes", &[Type::Int], |call, args| {
        let bytes = call.eval_context.random(counted(call, args.int(0))?)?;
        Ok(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes).into())
    });
    table.add("shuffle", &[Type::Str], |call, args| {
        let mut characters: Vec<char> = args.text(0).chars().collect();
        call.budget.text(characters.len() * 8)?;
        let bytes = call.eval_context.random(characters.len() * 8)?;
        for i in (1..characters.len()).rev() {
            let number = bytes[i * 8..][..8].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            characters.swap(i, usize::try_from(number % (i as u64 + 1)).unwrap_or(0));
        }
        Ok(characters.into_iter().collect::<String>().into())
    });
    table.add("uuidv4", &[], |call, _| {
        let mut bytes = call.eval_context.random(16)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-").into())
    });
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn counted(call: &mut Call<'_>, count: i64) -> Result<usize, FunctionError> {
    let count = usize::try_from(count).map_err(|_| FunctionError::new("a negative count"))?;
    call.budget.text(count.saturating_mul(8))?;
    Ok(count)
}

/// Random characters of an alphabet, all equally likely.
fn random(call: &mut Call<'_>, count: i64, wanted: fn(u8) -> bool) -> Outcome {
    let count = counted(call, count)?;
    let alphabet: Vec<u8> = (0..128).filter(|b| wanted(*b)).collect();
    // Bytes above the last whole multiple of the alphabet's size would make its first characters more likely.
    let bound = 256 / alphabet.len() * alphabet.len();
    let mut out = String::with_capacity(count);
    while out.len() < count {
        for byte in call.eval_context.random((count - out.len()).max(16))? {
            if usize::from(byte) < bound && out.len() < count {
                out.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    Ok(out.into())
}

/// Replaces `$NAME` and `${NAME}` by what variables hold, as Go's `os.Expand` does.
fn expanded<'e>(budget: &mut Budget, text: &str, variable: impl Fn(&str) -> &'e str) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut put = |out: &mut String, name: &str| {
        let value = variable(name);
        budget.longer(out.len(), value.len())?;
        out.push_str(value);
        Ok::<_, FunctionError>(())
    };
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            // As in Go, `${}` and an unclosed `${` expand to nothing.
            let end = inner.find('}').map_or(0, |end| end + 1);
            put(&mut out, &inner[..end.saturating_sub(1)])?;
            rest = &inner[end..];
            continue;
        }
        let special = rest.starts_with(|c: char| "*#$@!?-0123456789".contains(c));
        let end = if special {
            1
        } else {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
        };
        if end == 0 {
            out.push('$');
        } else {
            put(&mut out, &rest[..end])?;
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn variables_are_expanded() {
        let value = |name: &str| match name {
            "HOME" => "<home>",
            "X_1" => "<x>",
            "1" => "<1>",
            _ => "<none>",
        };
        let text = expanded(&mut Budget::default(), "a$HOME/${X_1}$ $1b $", value).unwrap();
        assert_eq!(text, "a<home>/<x>$ <1>b $");
    }
}
