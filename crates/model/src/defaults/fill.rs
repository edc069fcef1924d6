//! Setting fields that have no value yet.

use kopsform_spec::meta::Quantity;

/// Sets a string that is empty.
pub(super) fn fill(slot: &mut String, default: &str) {
    if slot.is_empty() {
        default.clone_into(slot);
    }
}

/// Sets a number that is zero: in v1alpha2 a plain integer has no other way to be unset.
pub(super) fn fill_number<T: Default + PartialEq>(slot: &mut T, default: T) {
    if *slot == T::default() {
        *slot = default;
    }
}

/// Sets a quantity that is missing.
pub(super) fn fill_quantity(slot: &mut Option<Quantity>, default: &str) {
    slot.get_or_insert_with(|| default.into());
}

/// Sets a quantity that is missing or zero.
pub(super) fn fill_zero_quantity(slot: &mut Option<Quantity>, default: &str) {
    let is_zero = |q: &Quantity| !q.0.bytes().any(|b| b.is_ascii_digit() && b != b'0');
    if slot.as_ref().is_none_or(is_zero) {
        *slot = Some(default.into());
    }
}

/// Sets a string that is missing or empty.
pub(super) fn fill_optional(slot: &mut Option<String>, default: impl FnOnce() -> String) {
    if slot.as_deref().unwrap_or_default().is_empty() {
        *slot = Some(default());
    }
}
