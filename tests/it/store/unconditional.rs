//! Servers of S3's protocol that do not know conditions.

use super::moto::{moto, state_store};
use super::proxy::{Fate, Proxy};
use super::specs::{holder, in_depth, plan, store, whole};

/// Answers of servers that do not know conditions, or requests that delete several objects.
const UNKNOWN: [&str; 4] = [
    "HTTP/1.1 501 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>NotImplemented</Code><Message>A header you provided implies functionality \
     that is not implemented</Message></Error>",
    "HTTP/1.1 501 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 400 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>InvalidArgument</Code><Message>Invalid argument</Message></Error>",
    "HTTP/1.1 400 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>MissingContentMD5</Code><Message>Missing header</Message></Error>",
];

#[test]
fn a_server_without_conditions_is_written_to_after_a_look() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        for answer in UNKNOWN {
            let bucket = moto.bucket();
            let proxy = Proxy::start(&moto.address, move |request, _| {
                let conditional = request.head.contains("if-match:") || request.head.contains("if-none-match:");
                let deletes_several = request.method == "POST" && request.path.contains("delete");
                if conditional || deletes_several { Fate::Answer(answer) } else { Fate::Pass }
            });
            let state = state_store(&proxy.address, &bucket);
            store(&state, &whole(2, 1)).await.unwrap();
            // A writer that read before another one wrote gets a conflict all the same.
            let late = plan(&state, &whole(2, 2)).await.unwrap();
            store(&state, &whole(2, 3)).await.unwrap();
            let error = kopsform::ops::replace::apply(&state, late, &holder()).await.unwrap_err();
            assert!(error.to_string().contains("has been modified by another writer"), "{error}");
            assert_eq!(plan(&state, &whole(2, 3)).await.unwrap().changed().count(), 0);
            assert!(state.store().list(".kopsform/").await.unwrap().is_empty());
            // Objects are deleted one by one.
            let keys = state.store().list("").await.unwrap();
            assert!(!keys.is_empty());
            state.store().delete_all(&keys).await.unwrap();
            assert!(state.store().list("").await.unwrap().is_empty(), "{answer}");
        }
    });
}

#[test]
fn the_user_is_warned_once_of_a_server_without_conditions() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy = Proxy::start(&moto.address, |request, _| {
            let conditional = request.head.contains("if-match:") || request.head.contains("if-none-match:");
            if conditional { Fate::Answer(UNKNOWN[0]) } else { Fate::Pass }
        });
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("specs.yml");
        std::fs::write(&file, whole(2, 1)).unwrap();
        let mut command = crate::support::kopsform(home.path());
        command.envs(super::moto::settings(&proxy.address)).env("KOPS_STATE_STORE", format!("s3://{bucket}"));
        let output = crate::support::succeed(command.args(["replace", "--force", "--offline", "-f"]).arg(&file));
        let said = crate::support::stderr(&output);
        assert_eq!(said.matches("does not support conditional writes").count(), 1, "{said}");
        assert!(said.contains("docs/state-store.md"), "{said}");
    });
}
