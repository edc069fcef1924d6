//! Why a graph cannot be written as Terraform.

use kopsform_diagnostics::Explain;

/// Why a graph cannot be written as Terraform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Two resources would have one address: their names differ in characters that addresses do not have.
    #[error("two resources would have the address {block_type}.{label}: {first:?} and {second:?}")]
    DuplicateAddress {
        /// Terraform's type of resource.
        block_type: &'static str,
        /// The name in Terraform.
        label: String,
        /// The name of the first.
        first: String,
        /// The name of the second.
        second: String,
    },
    /// Two outputs would have one name.
    #[error("two outputs would have the name {0:?}")]
    DuplicateOutput(String),
    /// The resource must exist already, which a Terraform run cannot look up.
    #[error("the lifecycle of {task} is ExistsAndValidates, but {name:?} is not looked up for Terraform")]
    MustExist {
        /// kops' task name.
        task: &'static str,
        /// The name of the resource.
        name: String,
    },
    /// Managed files are in buckets of several regions, which one provider cannot serve.
    #[error("managed files are in buckets in {0} and in {1}; Terraform needs them in one region")]
    SeveralBucketRegions(String, String),
    /// A managed file is not in the storage of the cluster's cloud.
    #[error("managed file {name:?} is in {base:?}, and Terraform can upload to {storage} only")]
    NotInBucket {
        /// The name of the file.
        name: String,
        /// Its store.
        base: String,
        /// Where it could be.
        storage: &'static str,
    },
}

impl Explain for RenderError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotInBucket { storage, .. } => {
                let scheme = if *storage == "S3" { "an s3://" } else { "a gs://" };
                vec![format!("set spec.configBase to {scheme} address that instances can read")]
            }
            Self::SeveralBucketRegions(..) => vec!["put state store and discovery store into one region".to_owned()],
            Self::DuplicateAddress { .. } | Self::DuplicateOutput(_) | Self::MustExist { .. } => Vec::new(),
        }
    }
}
