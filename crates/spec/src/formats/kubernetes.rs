//! Notations of Kubernetes: labels, taints, thresholds, gates, versions.

use super::net::is_dns_name;
use super::{FormatError, duration, quantity};
use crate::versions::KubernetesVersion;
use kopsform_diagnostics::nearest;

fn is_qualified(name: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    name.len() <= 63 && name.bytes().all(inner) && edge(name.bytes().next()) && edge(name.bytes().last())
}

/// The error of a label key, a lower-case fragment; `None` for a valid key.
pub fn label_key_error(key: &str) -> Option<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if name.contains('/') {
        return Some(format!("the label {key:?} has more than one slash"));
    }
    if prefix.is_some_and(|prefix| !is_dns_name(prefix)) {
        return Some(format!("the prefix of the label {key:?} is not a DNS name"));
    }
    (!is_qualified(name))
        .then(|| format!("the label {key:?} is not 1 to 63 letters, digits, hyphens, underscores and dots, a letter or digit at both ends"))
}

/// The error of a label value, a lower-case fragment; `None` for a valid value.
pub fn label_value_error(value: &str) -> Option<String> {
    (!value.is_empty() && !is_qualified(value))
        .then(|| format!("the value {value:?} is not up to 63 letters, digits, hyphens, underscores and dots, a letter or digit at both ends"))
}

pub(super) fn taint(text: &str) -> Result<(), FormatError> {
    const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    let shape = "write key=value:effect, such as dedicated=gpu:NoSchedule";
    let parts: Vec<&str> = text.split(':').collect();
    let (pair, effect) = match parts.as_slice() {
        [pair, effect] => (*pair, *effect),
        [_] => return Err(FormatError::new(format!("the taint {text:?} has no effect")).hint(shape)),
        _ => return Err(FormatError::new(format!("{text:?} is not a taint")).hint(shape).refused()),
    };
    let (key, value) = match pair.split('=').collect::<Vec<_>>().as_slice() {
        [key] => (*key, ""),
        [key, value] => (*key, *value),
        _ => return Err(FormatError::new(format!("{text:?} is not a taint")).hint(shape).refused()),
    };
    if let Some(error) = label_key_error(key).or_else(|| label_value_error(value)) {
        return Err(FormatError::new(error.replacen("the label", "the taint", 1)));
    }
    if EFFECTS.contains(&effect) {
        return Ok(());
    }
    let error = FormatError::new(format!("unknown effect {effect:?} in {text}"));
    Err(match nearest(effect, EFFECTS) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("effects are {}", EFFECTS.join(", "))),
    })
}

/// Checks one value of a list against the allowed ones.
fn allowed(text: &str, known: &[&str], refused: bool) -> Result<(), FormatError> {
    if known.contains(&text) {
        return Ok(());
    }
    let error = FormatError { refused, ..FormatError::new(format!("unknown value {text:?}")) };
    Err(match nearest(text, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("one of {}", known.join(", "))),
    })
}

pub(super) fn authorization_modes(text: &str) -> Result<(), FormatError> {
    text.split(',')
        .try_for_each(|mode| allowed(mode, &["ABAC", "Webhook", "Node", "RBAC", "AlwaysAllow", "AlwaysDeny"], true))
}

pub(super) fn authenticator_backends(text: &str) -> Result<(), FormatError> {
    let known = ["MountedFile", "CRD", "EKSConfigMap", "ConfigMap", "DynamicFile", "File"];
    text.split(',').try_for_each(|backend| allowed(backend, &known, false))
}

const SIGNALS: [&str; 9] = [
    "memory.available",
    "nodefs.available",
    "nodefs.inodesFree",
    "imagefs.available",
    "imagefs.inodesFree",
    "containerfs.available",
    "containerfs.inodesFree",
    "pid.available",
    "allocatableMemory.available",
];

/// Each `signal`, separator, value of a comma-separated list.
fn signals(text: &str, separator: char, value: fn(&str) -> Result<(), FormatError>) -> Result<(), FormatError> {
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let Some((signal, amount)) = part.split_once(separator) else {
            return Err(FormatError::new(format!("{part:?} has no {separator}"))
                .hint(format!("such as memory.available{separator}…")));
        };
        allowed(signal, &SIGNALS, false)?;
        value(amount)?;
    }
    Ok(())
}

fn amount_or_percent(text: &str) -> Result<(), FormatError> {
    match text.strip_suffix('%') {
        Some(number) if number.parse::<f64>().is_ok_and(|p| (0.0..=100.0).contains(&p)) => Ok(()),
        Some(_) => Err(FormatError::new(format!("{text:?} is not a percentage from 0% to 100%"))),
        None => quantity(text),
    }
}

pub(super) fn eviction_thresholds(text: &str) -> Result<(), FormatError> {
    signals(text, '<', amount_or_percent)
}

pub(super) fn eviction_periods(text: &str) -> Result<(), FormatError> {
    signals(text, '=', duration)
}

pub(super) fn eviction_reclaims(text: &str) -> Result<(), FormatError> {
    signals(text, '=', amount_or_percent)
}

pub(super) fn feature_gate_value(text: &str) -> Result<(), FormatError> {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Ok(());
    }
    Err(FormatError::new(format!("a feature gate is \"true\" or \"false\", not {text:?}")))
}

pub(super) fn feature_gate_list(text: &str) -> Result<(), FormatError> {
    for part in text.split(',').map(str::trim) {
        match part.split_once('=') {
            Some((name, value)) if !name.is_empty() => feature_gate_value(value.trim())?,
            _ => return Err(FormatError::new(format!("{part:?} is not a feature gate")).hint("write Name=true")),
        }
    }
    Ok(())
}

pub(super) fn kubernetes_version(text: &str) -> Result<(), FormatError> {
    KubernetesVersion::parse(text).map(|_| ()).map_err(|error| FormatError::new(error.to_string()).refused())
}

pub(super) fn etcd_version(text: &str) -> Result<(), FormatError> {
    match semver::Version::parse(text.strip_prefix('v').unwrap_or(text)) {
        Ok(version) if version.major == 3 => Ok(()),
        Ok(version) => Err(FormatError::new(format!("etcd {version} is not supported, only etcd 3")).refused()),
        Err(_) => Err(FormatError::new(format!("{text:?} is not a version of etcd such as 3.6.12")).refused()),
    }
}

pub(super) fn count_or_percent(text: &str) -> Result<(), FormatError> {
    match text.strip_suffix('%').map(str::parse::<i32>) {
        Some(Ok(0..)) => Ok(()),
        Some(Ok(_)) => Err(FormatError::new(format!("{text} is negative")).refused()),
        _ => {
            let error = FormatError::new(format!("{text:?} is not a number or a percentage such as 30%")).refused();
            Err(match text.parse::<u32>() {
                Ok(number) => error.hint(format!("did you mean {number}, without quotes, or {number}%?")),
                Err(_) => error,
            })
        }
    }
}
