#![allow(clippy::unwrap_used)]
use super::*;
use crate::fake::{FakeStorage, Settings};

fn store(settings: Settings) -> (FakeStorage, Arc<dyn Store>) {
    let fake = FakeStorage::start(settings);
    let store = Gcs::new(&fake.environment()).open("state", "clusters");
    (fake, store)
}

#[test]
fn uploads_have_the_metadata_first_and_the_content_unchanged() {
    let (kind, body) = multipart(&json!({"name": "a"}), b"x\r\n--kopsform-part\r\n\0y");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(kind, "multipart/related; boundary=kopsform-partx");
    let parts: Vec<&str> = body.split("--kopsform-partx").collect();
    assert_eq!(parts.len(), 4);
    assert!(parts[1].ends_with("\r\n\r\n{\"name\":\"a\"}\r\n"));
    assert!(parts[2].ends_with("\r\n\r\nx\r\n--kopsform-part\r\n\0y\r\n"));
}

#[test]
fn keys_are_one_segment_of_the_path() {
    let gcs = Gcs::new(&Environment::default());
    let store = gcs.store("bucket", "state");
    let url = "https://storage.googleapis.com/storage/v1/b/bucket/o/state%2Fa.example.com%2Fconfig";
    assert_eq!(store.object_url("a.example.com/config"), url);
    assert_eq!(store.url("a.example.com/config"), "gs://bucket/state/a.example.com/config");
    assert!(Arc::ptr_eq(&store.bucket, &gcs.store("bucket", "").bucket), "a bucket is asked about once");
}

/// With generations in answers, and without as from emulators.
#[tokio::test]
async fn writes_are_conditional() {
    for without_generations in [false, true] {
        let (_fake, store) = store(Settings { without_generations, ..Settings::default() });
        assert_eq!(store.read("a").await.unwrap(), None);
        store.write("a", b"1", Condition::Absent).await.unwrap();
        assert!(store.write("a", b"2", Condition::Absent).await.unwrap_err().is_conflict());
        let first = store.read("a").await.unwrap().unwrap();
        assert_eq!(first.bytes[..], *b"1");
        store.write("a", b"2", Condition::Unchanged(first.version.clone())).await.unwrap();
        let stale = Condition::Unchanged(first.version.clone());
        assert!(store.write("a", b"3", stale).await.unwrap_err().is_conflict());
        assert!(store.delete_unchanged("a", &first.version).await.unwrap_err().is_conflict());
        let second = store.read("a").await.unwrap().unwrap();
        assert_eq!(second.bytes[..], *b"2");
        store.delete_unchanged("a", &second.version).await.unwrap();
        store.delete_unchanged("a", &second.version).await.unwrap();
        assert_eq!(store.read("a").await.unwrap(), None);
        let gone = Condition::Unchanged(second.version);
        assert!(store.write("a", b"4", gone).await.unwrap_err().is_conflict());
    }
}

#[tokio::test]
async fn of_many_writers_one_succeeds() {
    let (_fake, store) = store(Settings::default());
    let writers: Vec<_> = (0..100)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.write("lock", format!("{i}").as_bytes(), Condition::Absent).await })
        })
        .collect();
    let mut winners = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(error.is_conflict(), "{error}"),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_a_conflict() {
    let (fake, store) = store(Settings { lost_answers: 1, ..Settings::default() });
    store.write("a", b"1", Condition::Absent).await.unwrap();
    let uploads = fake.requests().iter().filter(|request| request.starts_with("POST /upload/")).count();
    assert_eq!(uploads, 2);
}

#[tokio::test]
async fn lists_have_all_pages_below_the_prefix() {
    let (_fake, store) = store(Settings { page: 2, ..Settings::default() });
    for key in ["b/1", "a/config", "b/2", "b/3", "c"] {
        store.write(key, b"", Condition::None).await.unwrap();
    }
    assert_eq!(store.list("b/").await.unwrap(), ["b/1", "b/2", "b/3"]);
    assert_eq!(store.list("").await.unwrap().len(), 5);
    store.delete_all(&["b/1".to_owned(), "b/2".to_owned(), "none".to_owned()]).await.unwrap();
    assert_eq!(store.list("").await.unwrap(), ["a/config", "b/3", "c"]);
}

#[tokio::test]
async fn objects_get_the_access_control_list_of_a_bucket_that_has_one_and_instances_may_read() {
    let owners = json!({ "entity": "project-owners-1", "role": "OWNER" });
    let (fake, store) = store(Settings { acl: Some(json!([owners])), ..Settings::default() });
    store.write("a", b"1", Condition::None).await.unwrap();
    store.write("b", b"1", Condition::None).await.unwrap();
    let instances = json!({ "entity": "user-1-compute@developer.gserviceaccount.com", "role": "READER" });
    assert_eq!(fake.metadata("clusters/a")["acl"], json!([owners, instances]));
    let asked = fake.requests().iter().filter(|request| request.contains("projection=full")).count();
    assert_eq!(asked, 1, "the bucket is asked about once");

    let (fake, store) = self::store(Settings::default());
    store.write("a", b"1", Condition::None).await.unwrap();
    assert_eq!(fake.metadata("clusters/a").get("acl"), None);
}

#[tokio::test]
async fn failures_name_the_object_and_what_to_do() {
    let (_fake, store) = store(Settings { refuses: Some(403), ..Settings::default() });
    let error = store.read("a").await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read gs://state/clusters/a: no access (HTTP 403)");
    assert!(error.is_denied());
}
