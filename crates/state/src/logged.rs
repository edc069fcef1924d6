//! A store that logs each operation: a line at DEBUG with key and outcome, never with content.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tracing::debug;

use super::{Condition, Store, StoreError, Stored, Version};

/// The target of the log lines.
const TARGET: &str = "kopsform::store";

/// Another store, whose operations are logged.
pub(super) struct Logged<S>(pub(super) S);

impl<S: Store> Logged<S> {
    fn log<T>(&self, action: &str, key: &str, outcome: &Result<T, StoreError>, done: impl FnOnce(&T) -> String) {
        // Without a listener no address is formatted.
        if !tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
            return;
        }
        let outcome = match outcome {
            Ok(value) => done(value),
            Err(StoreError::Conflict { .. }) => "conflict".to_owned(),
            Err(StoreError::Failed { kind, reason, .. }) => format!("{kind:?}: {reason}"),
        };
        debug!(target: TARGET, url = self.0.url(key), outcome, "{action}");
    }
}

#[async_trait]
impl<S: Store> Store for Logged<S> {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let outcome = self.0.read(key).await;
        self.log("read", key, &outcome, |stored| match stored {
            Some(stored) => format!("{} bytes", stored.bytes.len()),
            None => "absent".to_owned(),
        });
        outcome
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let outcome = self.0.write(key, bytes, condition).await;
        self.log("write", key, &outcome, |_| format!("{} bytes", bytes.len()));
        outcome
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let outcome = self.0.delete(key).await;
        self.log("delete", key, &outcome, |()| "done".to_owned());
        outcome
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let outcome = self.0.delete_unchanged(key, version).await;
        self.log("delete", key, &outcome, |()| "done".to_owned());
        outcome
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let outcome = self.0.list(prefix).await;
        self.log("list", prefix, &outcome, |keys| format!("{} keys", keys.len()));
        outcome
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let outcome = self.0.list_versions(prefix).await;
        // Without versions nothing was asked.
        if !matches!(outcome, Ok(None)) {
            self.log("list", prefix, &outcome, |keys| format!("{} keys", keys.as_ref().map_or(0, BTreeMap::len)));
        }
        outcome
    }

    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let outcome = self.0.list_versions_after(prefix, after).await;
        if !matches!(outcome, Ok(None)) {
            self.log("list", prefix, &outcome, |keys| format!("{} keys", keys.as_ref().map_or(0, BTreeMap::len)));
        }
        outcome
    }

    fn prepare_to_write(&self) {
        self.0.prepare_to_write();
    }

    fn url(&self, key: &str) -> String {
        self.0.url(key)
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        let outcome = self.0.delete_all(keys).await;
        for key in keys {
            self.log("delete", key, &outcome, |()| "done".to_owned());
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::MemoryStore;

    /// Keeps what is logged, as `target LEVEL field=value …`.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            struct Fields(String);
            impl Visit for Fields {
                fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                    self.0.push_str(&format!(" {field}={value:?}"));
                }
            }
            let mut fields = Fields(format!("{} {}", event.metadata().target(), event.metadata().level()));
            event.record(&mut fields);
            self.0.lock().unwrap().push(fields.0);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[tokio::test]
    async fn each_operation_is_a_line_without_content() {
        let lines = Lines::default();
        let _guard = tracing::subscriber::set_default(lines.clone());
        let store = Logged(MemoryStore::new());
        store.write("a/private/x", b"s3cret", Condition::Absent).await.unwrap();
        assert!(store.write("a/private/x", b"s3cret", Condition::Absent).await.is_err());
        let read = store.read("a/private/x").await.unwrap().unwrap();
        store.read("b").await.unwrap();
        store.list("a/").await.unwrap();
        store.delete_unchanged("a/private/x", &read.version).await.unwrap();
        store.delete_all(&["x".to_owned(), "y".to_owned()]).await.unwrap();
        let lines = lines.0.lock().unwrap();
        let expected = [
            ("memfs:///a/private/x", "6 bytes", "write"),
            ("memfs:///a/private/x", "conflict", "write"),
            ("memfs:///a/private/x", "6 bytes", "read"),
            ("memfs:///b", "absent", "read"),
            ("memfs:///a/", "1 keys", "list"),
            ("memfs:///a/private/x", "done", "delete"),
            ("memfs:///x", "done", "delete"),
            ("memfs:///y", "done", "delete"),
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, (url, outcome, action)) in lines.iter().zip(expected) {
            for part in ["kopsform::store DEBUG", &format!("url={url:?}"), &format!("outcome={outcome:?}"), action] {
                assert!(line.contains(part), "{part} is not in {line}");
            }
            assert!(!line.contains("s3cret"), "{line}");
        }
    }
}
