//! Files in the state store.

use crate::declare::Declare;
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::ManagedFile;

impl Declare for ManagedFile {
    const TYPE: &'static str = "AWS::S3::Object";
    const PREFIX: &'static str = "ManagedFile";
    const STACK: Stack = Stack::Storage;

    /// CloudFormation has no resource for objects: the command writes them. They are counted as a whole.
    fn declare(&self, _: &mut Site<'_>) {}
}
