//! Who changes a cluster's cloud, where that is not this program itself.
//!
//! It is recorded at `.kopsform/<cluster>/target`, outside the cluster's own prefix, where kops would refuse to delete an object
//! that it does not know. A cluster without the record is changed directly, as kops does.

use super::{Condition, OWN_PREFIX, StateStore, StoreError};

fn key(cluster: &str) -> String {
    format!("{OWN_PREFIX}/{cluster}/target")
}

/// The address of the record, for messages.
pub fn target_url(state: &StateStore, cluster: &str) -> String {
    state.store().url(&key(cluster))
}

/// The recorded target, such as `terraform`. Where the caller may not read the record, there is none.
///
/// # Errors
/// When the store fails.
pub async fn recorded_target(state: &StateStore, cluster: &str) -> Result<Option<String>, StoreError> {
    match state.store().read(&key(cluster)).await {
        Ok(stored) => Ok(stored.map(|stored| String::from_utf8_lossy(&stored.bytes).trim().to_owned())),
        Err(error) if error.is_denied() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Records a target, or with none that the cluster is changed directly. Nothing is written where that is known already.
///
/// # Errors
/// When the store fails.
pub async fn record_target(state: &StateStore, cluster: &str, target: Option<&str>) -> Result<(), StoreError> {
    if recorded_target(state, cluster).await?.as_deref() == target {
        return Ok(());
    }
    match target {
        Some(target) => {
            state.store().write(&key(cluster), format!("{target}\n").as_bytes(), Condition::None).await.map(|_| ())
        }
        None => state.store().delete(&key(cluster)).await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::{MemoryStore, StoreUrl};

    #[tokio::test]
    async fn a_target_is_recorded_until_the_cluster_is_changed_directly() {
        let state = StateStore::over(Arc::new(MemoryStore::new()), StoreUrl::Memory(String::new()));
        assert_eq!(recorded_target(&state, "a").await.unwrap(), None);
        record_target(&state, "a", None).await.unwrap();
        record_target(&state, "a", Some("terraform")).await.unwrap();
        assert_eq!(recorded_target(&state, "a").await.unwrap().as_deref(), Some("terraform"));
        assert_eq!(recorded_target(&state, "b").await.unwrap(), None);
        record_target(&state, "a", None).await.unwrap();
        assert_eq!(recorded_target(&state, "a").await.unwrap(), None);
    }
}
