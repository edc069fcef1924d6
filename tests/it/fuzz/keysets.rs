//! Keysets.

use kopsform_pki::{parse_keyset, print_keyset};
use proptest::prelude::*;

use super::input::{LONGEST_MESSAGE, bounded, config, files, mutated};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn keysets(text in mutated(files(["golden/keysets/kubernetes-ca.yaml", "golden/keysets/service-account.yaml"]))) {
        match bounded(|| parse_keyset("kubernetes-ca", text.as_bytes())) {
            Err(error) => {
                let said = error.to_string();
                prop_assert!(!said.contains("PRIVATE KEY") && said.len() < LONGEST_MESSAGE, "{said}");
            }
            Ok(keyset) => {
                // What cannot sign is not printed.
                let Ok(printed) = print_keyset(&keyset) else { return Ok(()) };
                let again = parse_keyset("kubernetes-ca", &printed).unwrap();
                prop_assert!(again.items == keyset.items, "items differ");
                prop_assert_eq!(&again.primary_id, &keyset.primary_id);
                prop_assert!(print_keyset(&again).unwrap() == printed, "printed differently");
            }
        }
    }
}
