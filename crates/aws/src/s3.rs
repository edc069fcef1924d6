//! A store in an S3 bucket, of AWS or of a compatible server.
//!
//! Credentials and region come from where the AWS tools look for them, without a request of their own. If the bucket is in
//! another region, the response says which, and the request is sent again there.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectCannedAcl, ObjectIdentifier, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::byte_stream::error::Error as ByteStreamError;
use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell, RwLock};

use super::credentials::{Refusing, Source, explained};
use super::request_log::RequestLog;
use super::s3_error::{self, RequestError};
use kopsform_env::{self as env, Environment};
use kopsform_state::{
    Action, Cache, Condition, Failure, OBJECT_LIMIT, ObjectStorage, Store, StoreError, StoreUrl, Stored, Version,
};

/// How many times a request is sent before its failure is reported.
const ATTEMPTS: u32 = 6;
/// The region that is tried when nothing names one.
const DEFAULT_REGION: &str = "us-east-1";
/// Codes with which servers other than AWS refuse a header or request that they do not know. They have other meanings too: then
/// the request fails again without the condition.
const UNKNOWN_TO_SERVER: [&str; 7] = [
    "NotImplemented",
    "NotSupported",
    "UnsupportedOperation",
    "MethodNotAllowed",
    "InvalidArgument",
    "InvalidRequest",
    "MissingContentMD5",
];
/// The code of the answer for a bucket that does not encrypt.
const NO_ENCRYPTION: &str = "ServerSideEncryptionConfigurationNotFoundError";
/// What the cache has of a bucket whose objects need a header.
const HEADER_NEEDED: &[u8] = b"AES256";
/// The number of keys one request can delete.
const DELETE_BATCH: usize = 1000;

/// Endpoint, credentials and settings from the environment, loaded when first needed.
pub struct S3Access {
    environment: Environment,
    cache: Option<Cache>,
    config: OnceCell<SdkConfig>,
    buckets: std::sync::Mutex<HashMap<String, Arc<Bucket>>>,
}

/// One bucket, with the client for its region once that is known.
struct Bucket {
    access: Arc<S3Access>,
    name: String,
    client: RwLock<Option<Client>>,
    /// Held while the first client is created, so that concurrent readers create one.
    creating: Mutex<()>,
    /// Whether objects must be written with an encryption header.
    encryption_header: OnceCell<bool>,
    /// Set once the user knows that the server has no conditional writes.
    warned: std::sync::Once,
}

/// Objects of a bucket below a prefix.
pub struct S3Store {
    bucket: Arc<Bucket>,
    prefix: String,
    /// The canned ACL of written objects; that of `KOPS_STATE_S3_ACL` when absent.
    acl: Option<ObjectCannedAcl>,
}

/// S3 as a backend of state stores.
pub struct S3(Arc<S3Access>);

impl S3 {
    /// Uses the given environment's settings. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self(S3Access::new(environment))
    }
}

impl ObjectStorage for S3 {
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        Arc::new(self.0.store(bucket, prefix))
    }

    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        Arc::new(self.0.store(bucket, prefix).public())
    }
}

impl S3Access {
    /// Uses the given environment's settings. No request is made.
    pub fn new(environment: &Environment) -> Arc<Self> {
        Arc::new(Self {
            environment: environment.clone(),
            cache: Cache::of_user(environment),
            config: OnceCell::new(),
            buckets: std::sync::Mutex::new(HashMap::new()),
        })
    }

    /// The store in a bucket, below a prefix without leading or trailing slash. Stores of one bucket share its client.
    pub fn store(self: &Arc<Self>, bucket: &str, prefix: &str) -> S3Store {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bucket = buckets.entry(bucket.to_owned()).or_insert_with(|| {
            Arc::new(Bucket {
                access: self.clone(),
                name: bucket.to_owned(),
                client: RwLock::new(None),
                creating: Mutex::new(()),
                encryption_header: OnceCell::new(),
                warned: std::sync::Once::new(),
            })
        });
        S3Store { bucket: bucket.clone(), prefix: prefix.to_owned(), acl: None }
    }

    /// The endpoint of a compatible server, from kops' own variable.
    fn own_endpoint(&self) -> Option<&str> {
        self.environment.get(env::S3_ENDPOINT)
    }

    async fn config(&self) -> Result<&SdkConfig, String> {
        self.config.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<SdkConfig, String> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(60))
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(200))
            .with_max_backoff(Duration::from_secs(5));
        let loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).retry_config(retries);
        let loader = match crate::trust::http_client(&self.environment)? {
            Some(client) => loader.http_client(client),
            None => loader,
        };
        if self.own_endpoint().is_some() {
            let required = |name: &str| {
                let value = self.environment.get(name).map(str::to_owned);
                value.ok_or_else(|| format!("{name} cannot be empty when {} is not empty", env::S3_ENDPOINT))
            };
            let region = self.environment.get(env::S3_REGION).unwrap_or(DEFAULT_REGION).to_owned();
            let (id, secret) = (required(env::S3_ACCESS_KEY_ID)?, required(env::S3_SECRET_ACCESS_KEY)?);
            let credentials = Credentials::new(id, secret, None, None, "S3_ACCESS_KEY_ID");
            return Ok(loader.region(Region::new(region)).credentials_provider(credentials).load().await);
        }
        // Without the instance metadata service: the response to the first request gives the region at less cost.
        let mut region = ProfileFileRegionProvider::builder();
        let source = Source::find(&self.environment).await;
        if let Some(profile) = source.as_ref().ok().and_then(Source::profile) {
            region = region.profile_name(profile);
        }
        let loader = loader.region(
            RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(region.build())
                .or_else(Region::new(DEFAULT_REGION)),
        );
        Ok(match source {
            Ok(source) => {
                let loader = match source.profile() {
                    Some(profile) => loader.profile_name(profile),
                    None => loader,
                };
                explained(loader.load().await, source)
            }
            Err(problem) => loader.credentials_provider(Refusing(problem)).load().await,
        })
    }

    /// What to do about a failure, in terms of the settings that apply to this store.
    async fn hint(&self, kind: Failure) -> Option<String> {
        let Some(endpoint) = self.own_endpoint() else {
            let source = Source::find(&self.environment).await.ok()?;
            return match kind {
                Failure::Credentials => Some(format!("requests are signed with {source}: {}", source.hint())),
                Failure::Denied => {
                    Some(format!("requests are signed with {source}; {}", Failure::Denied.hint().unwrap_or_default()))
                }
                _ => None,
            };
        };
        let keys = format!("{} and {}", env::S3_ACCESS_KEY_ID, env::S3_SECRET_ACCESS_KEY);
        let name = env::S3_ENDPOINT;
        match kind {
            Failure::Credentials => Some(format!("{name} is set, so requests are signed with {keys}: check both")),
            Failure::Denied => Some(format!(
                "{name} is set, so requests are signed with {keys}: check the policy of this key and the bucket policy"
            )),
            Failure::Region => Some(format!("set {} to the region of the server", env::S3_REGION)),
            Failure::Unavailable if !endpoint.contains("://") => Some(format!(
                "{name} is {endpoint:?}, without a scheme, so https:// was put in front; for a server without TLS write http://{endpoint}"
            )),
            Failure::Unavailable => Some(format!("check that {name} is the address of the server, then try again")),
            _ => None,
        }
    }

    async fn client(&self, region: Option<String>) -> Result<Client, String> {
        let config = self.config().await?;
        let mut builder = aws_sdk_s3::config::Builder::from(config).interceptor(RequestLog::store());
        if let Some(region) = region {
            builder = builder.region(Region::new(region));
        }
        if let Some(endpoint) = self.own_endpoint() {
            let endpoint = if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") };
            builder = builder.endpoint_url(endpoint);
        }
        if self.is_compatible_server(config) {
            // Such servers often support neither buckets in host names nor the newer checksums.
            builder = builder
                .force_path_style(true)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        } else if self.environment.get("AWS_USE_DUALSTACK_ENDPOINT") != Some("false") {
            builder = builder.use_dual_stack(true);
        }
        Ok(Client::from_conf(builder.build()))
    }

    /// Whether an endpoint is set, by kops' variable or the AWS tools' variables.
    fn is_compatible_server(&self, config: &SdkConfig) -> bool {
        self.own_endpoint().is_some()
            || config.endpoint_url().is_some()
            || self.environment.get("AWS_ENDPOINT_URL_S3").is_some()
    }
}

impl Bucket {
    async fn client(&self) -> Result<Client, String> {
        if let Some(client) = self.client.read().await.clone() {
            return Ok(client);
        }
        let _creating = self.creating.lock().await;
        if let Some(client) = self.client.read().await.clone() {
            return Ok(client);
        }
        let client = self.access.client(None).await?;
        *self.client.write().await = Some(client.clone());
        Ok(client)
    }

    /// Sends a request, and again in the bucket's own region if the response names another one.
    async fn call<T, E, F>(&self, send: impl Fn(Client) -> F) -> Result<T, RequestError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let no_client = |reason| RequestError::new(Failure::Credentials, reason);
        let client = self.client().await.map_err(no_client)?;
        let error = match send(client.clone()).await {
            Ok(value) => return Ok(value),
            Err(error) => s3_error::request_error(&error),
        };
        if error.kind != Failure::Region {
            return Err(error);
        }
        let region = match &error.region {
            Some(region) => region.clone(),
            None => match self.bucket_region(&client).await {
                Some(region) => region,
                None => return Err(error),
            },
        };
        let client = self.access.client(Some(region)).await.map_err(no_client)?;
        *self.client.write().await = Some(client.clone());
        send(client).await.map_err(|error| s3_error::request_error(&error))
    }

    /// The bucket's region, which S3 returns for the bucket itself, even with an error.
    async fn bucket_region(&self, client: &Client) -> Option<String> {
        match client.head_bucket().bucket(&self.name).send().await {
            Ok(response) => response.bucket_region().map(str::to_owned),
            Err(error) => s3_error::request_error(&error).region,
        }
    }

    /// Whether objects need an encryption header. Every bucket of AWS encrypts by default, possibly with a key of its owner,
    /// which a header would override. For a compatible server, the bucket's configuration is read once, as in kops.
    async fn needs_encryption_header(&self) -> bool {
        *self
            .encryption_header
            .get_or_init(|| async {
                let Ok(config) = self.access.config().await else { return false };
                if !self.access.is_compatible_server(config) {
                    return false;
                }
                let endpoint = self.access.own_endpoint().or(config.endpoint_url()).unwrap_or_default();
                // Buckets rarely change this, so one command an hour asks.
                let (url, hour) = (format!("{endpoint}/{}?encryption", self.name), Timestamp::now().strftime("%FT%H"));
                let hour = Version(hour.to_string());
                if let Some(known) = self.access.cache.as_ref().and_then(|cache| cache.get(&url, &hour)) {
                    return known.bytes[..] == *HEADER_NEEDED;
                }
                let Ok(client) = self.client().await else { return false };
                let needed = match client.get_bucket_encryption().bucket(&self.name).send().await {
                    Ok(response) => !response.server_side_encryption_configuration().is_some_and(|configuration| {
                        configuration.rules().iter().any(|r| r.apply_server_side_encryption_by_default().is_some())
                    }),
                    Err(error) if s3_error::request_error(&error).code.as_deref() == Some(NO_ENCRYPTION) => true,
                    Err(_) => return true,
                };
                if let Some(cache) = &self.access.cache {
                    cache.put(&url, &hour, if needed { HEADER_NEEDED } else { b"" });
                }
                needed
            })
            .await
    }
}

impl S3Store {
    /// The same store, whose written objects are readable by everyone.
    #[must_use]
    pub fn public(self) -> Self {
        Self { acl: Some(ObjectCannedAcl::PublicRead), ..self }
    }

    fn key(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }

    async fn failed(&self, action: Action, key: &str, error: RequestError) -> StoreError {
        let hint = match error.hint {
            Some(hint) => Some(hint),
            None => self.bucket.access.hint(error.kind).await,
        };
        StoreError::Failed { action, url: self.url(key), kind: error.kind, reason: error.reason, hint }
    }

    async fn put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
        encrypt: bool,
    ) -> Result<Version, RequestError> {
        let named = self.bucket.access.environment.get(env::KOPS_STATE_S3_ACL).map(str::trim).filter(|a| !a.is_empty());
        let acl = self.acl.clone().or_else(|| named.map(ObjectCannedAcl::from));
        let (match_version, match_none) = match condition {
            Condition::None => (None, None),
            Condition::Absent => (None, Some("*".to_owned())),
            Condition::Unchanged(version) => (Some(version.0.clone()), None),
        };
        let response = self
            .bucket
            .call(|client| {
                client
                    .put_object()
                    .bucket(&self.bucket.name)
                    .key(self.key(key))
                    .body(ByteStream::from(bytes.to_vec()))
                    .set_acl(acl.clone())
                    .set_server_side_encryption(encrypt.then_some(ServerSideEncryption::Aes256))
                    .set_if_match(match_version.clone())
                    .set_if_none_match(match_none.clone())
                    .send()
            })
            .await?;
        Ok(Version(response.e_tag().unwrap_or_default().to_owned()))
    }

    /// Decides whether a failed condition is a conflict. A request that was repeated after a lost response finds its own
    /// object, which is not a conflict.
    async fn resolve_conflict(&self, key: &str, bytes: &[u8]) -> Result<Version, StoreError> {
        match self.read(key).await? {
            Some(stored) if stored.bytes[..] == *bytes => Ok(stored.version),
            _ => Err(StoreError::Conflict { url: self.url(key) }),
        }
    }

    /// Whether an error says that a compatible server does not know what was asked. AWS knows all that is asked of it.
    async fn is_unknown_to_server(&self, error: &RequestError) -> bool {
        let code = error.code.as_deref().unwrap_or_default();
        if code == "NotImplemented" {
            return true;
        }
        let Ok(config) = self.bucket.access.config().await else { return false };
        UNKNOWN_TO_SERVER.contains(&code) && self.bucket.access.is_compatible_server(config)
    }

    /// Warns once that the server has no conditional writes.
    fn warn_of_races(&self) {
        self.bucket.warned.call_once(|| {
            tracing::warn!(
                target: "kopsform::store",
                "the server of s3://{} does not support conditional writes: let no two commands write to it at the same time \
                 (docs/state-store.md, section \"Servers without conditional writes\")",
                self.bucket.name
            );
        });
    }

    /// For servers without conditional writes: reads first, then writes.
    async fn write_after_read(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
        encrypt: bool,
    ) -> Result<Version, StoreError> {
        self.warn_of_races();
        let current = self.read(key).await?;
        if Condition::as_read(current.as_ref()) != *condition {
            return Err(StoreError::Conflict { url: self.url(key) });
        }
        match self.put(key, bytes, &Condition::None, encrypt).await {
            Ok(version) => Ok(version),
            Err(error) => Err(self.failed(Action::Write, key, error).await),
        }
    }
}

impl S3Store {
    /// The objects below a prefix, of those that sort after a key, with their versions, which are empty where the server does not say them.
    async fn list_objects(&self, prefix: &str, after: Option<&str>) -> Result<BTreeMap<String, Version>, StoreError> {
        let (mut objects, mut next) = (BTreeMap::new(), None::<String>);
        let own = self.key("");
        loop {
            let page = self
                .bucket
                .call(|client| {
                    client
                        .list_objects_v2()
                        .bucket(&self.bucket.name)
                        .prefix(self.key(prefix))
                        .set_start_after(after.map(|key| self.key(key)))
                        .set_continuation_token(next.clone())
                        .send()
                })
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(self.failed(Action::List, prefix, error).await),
            };
            for object in page.contents() {
                let Some(key) = object.key().and_then(|key| key.strip_prefix(&own)) else { continue };
                // Some tools create objects that stand for directories; those are not part of the store.
                if !key.is_empty() && !key.ends_with('/') {
                    objects.insert(key.to_owned(), Version(object.e_tag().unwrap_or_default().to_owned()));
                }
            }
            let following = page.next_continuation_token().map(str::to_owned);
            if following.is_none() {
                return Ok(objects);
            }
            if following == next {
                let error = RequestError::new(Failure::Other, "the server returned the same page twice");
                return Err(self.failed(Action::List, prefix, error).await);
            }
            next = following;
        }
    }
}

/// The content of an object; `None` if it is larger than objects of a store are. Nothing past the limit is read.
async fn bounded(mut body: ByteStream, length: Option<i64>) -> Result<Option<Vec<u8>>, ByteStreamError> {
    if length.is_some_and(|length| u64::try_from(length).is_ok_and(|length| length > OBJECT_LIMIT)) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await.transpose()? {
        if (bytes.len() + chunk.len()) as u64 > OBJECT_LIMIT {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

#[async_trait]
impl Store for S3Store {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let mut attempt = 1;
        loop {
            let response = self
                .bucket
                .call(|client| client.get_object().bucket(&self.bucket.name).key(self.key(key)).send())
                .await;
            let response = match response {
                Ok(response) => response,
                Err(error) if error.code.as_deref() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(self.failed(Action::Read, key, error).await),
            };
            let version = Version(response.e_tag().unwrap_or_default().to_owned());
            match bounded(response.body, response.content_length).await {
                Ok(Some(bytes)) => return Ok(Some(Stored::new(bytes, version))),
                Ok(None) => {
                    let error =
                        RequestError::new(Failure::Other, format!("it is larger than {} MiB", OBJECT_LIMIT >> 20));
                    return Err(self.failed(Action::Read, key, error).await);
                }
                // The response was cut off.
                Err(_) if attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(100) * 2u32.pow(attempt)).await;
                    attempt += 1;
                }
                Err(error) => {
                    let error = RequestError::new(Failure::Unavailable, error.to_string());
                    return Err(self.failed(Action::Read, key, error).await);
                }
            }
        }
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let mut encrypt = self.bucket.needs_encryption_header().await;
        let mut attempt = 1;
        loop {
            let error = match self.put(key, bytes, &condition, encrypt).await {
                Ok(version) => return Ok(version),
                Err(error) => error,
            };
            match error.code.as_deref() {
                Some("PreconditionFailed") => return self.resolve_conflict(key, bytes).await,
                // The object that must be unchanged no longer exists.
                Some("NoSuchKey") if condition != Condition::None => {
                    return Err(StoreError::Conflict { url: self.url(key) });
                }
                // Another conditional write of the same object was in progress; the next attempt shows which one succeeded.
                Some("ConditionalRequestConflict") if attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(50) * 2u32.pow(attempt)).await;
                    attempt += 1;
                }
                Some("NotImplemented") if encrypt => encrypt = false,
                _ if condition != Condition::None && self.is_unknown_to_server(&error).await => {
                    return self.write_after_read(key, bytes, &condition, encrypt).await;
                }
                _ => return Err(self.failed(Action::Write, key, error).await),
            }
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let deleted =
            self.bucket.call(|client| client.delete_object().bucket(&self.bucket.name).key(self.key(key)).send()).await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if error.code.as_deref() == Some("NoSuchKey") => Ok(()),
            Err(error) => Err(self.failed(Action::Delete, key, error).await),
        }
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let delete = |client: Client| {
            client.delete_object().bucket(&self.bucket.name).key(self.key(key)).if_match(version.0.clone()).send()
        };
        let Err(error) = self.bucket.call(delete).await else { return Ok(()) };
        match error.code.as_deref() {
            Some("NoSuchKey") => Ok(()),
            // A request that was repeated after a lost response finds no object.
            Some("PreconditionFailed" | "ConditionalRequestConflict") => match self.read(key).await? {
                None => Ok(()),
                Some(_) => Err(StoreError::Conflict { url: self.url(key) }),
            },
            _ if self.is_unknown_to_server(&error).await => match self.read(key).await? {
                Some(stored) if stored.version != *version => Err(StoreError::Conflict { url: self.url(key) }),
                _ => self.delete(key).await,
            },
            _ => Err(self.failed(Action::Delete, key, error).await),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.list_objects(prefix, None).await?.into_keys().collect())
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        self.list_objects(prefix, None).await.map(Some)
    }

    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        self.list_objects(prefix, Some(after)).await.map(Some)
    }

    fn prepare_to_write(&self) {
        let bucket = self.bucket.clone();
        tokio::spawn(async move { bucket.needs_encryption_header().await });
    }

    fn url(&self, key: &str) -> String {
        StoreUrl::S3 { bucket: self.bucket.name.clone(), prefix: self.prefix.clone() }.join(key)
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        for batch in keys.chunks(DELETE_BATCH) {
            let other = |reason: String| RequestError::new(Failure::Other, reason);
            let objects = batch
                .iter()
                .map(|key| ObjectIdentifier::builder().key(self.key(key)).build())
                .collect::<Result<Vec<_>, _>>()
                .and_then(|objects| Delete::builder().set_objects(Some(objects)).quiet(true).build());
            let objects = match objects {
                Ok(objects) => objects,
                Err(error) => return Err(self.failed(Action::Delete, &batch[0], other(error.to_string())).await),
            };
            let response = self
                .bucket
                .call(|client| client.delete_objects().bucket(&self.bucket.name).delete(objects.clone()).send())
                .await;
            let response = match response {
                Ok(response) => response,
                // Some servers delete one object at a time only, or want a checksum that the SDK no longer sends.
                Err(error) if self.is_unknown_to_server(&error).await => {
                    for key in batch {
                        self.delete(key).await?;
                    }
                    continue;
                }
                Err(error) => return Err(self.failed(Action::Delete, &batch[0], error).await),
            };
            if let Some(first) = response.errors().first() {
                let error = RequestError::of_code(first.code(), first.message());
                let key = first.key().unwrap_or_default().strip_prefix(&self.key("")).unwrap_or_default();
                return Err(self.failed(Action::Delete, key, error).await);
            }
        }
        Ok(())
    }
}
