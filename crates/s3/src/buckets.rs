//! Buckets: which there are, making and removing them.

use cellhouse_r2::check_bucket_name;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::access::Allowed;
use crate::api::Api;
use crate::conditions::timestamp;
use crate::serve::REGION;

impl Api {
    /// Those that the key has to do with.
    pub(crate) async fn buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let allowed = request.extensions.get::<Allowed>();
        let prefix = request.input.prefix.as_deref().unwrap_or_default();
        let all = self.r2().buckets().map_err(crate::error::of)?;
        let shown = all.into_iter().filter(|bucket| {
            bucket.name.starts_with(prefix)
                && allowed.is_some_and(|allowed| allowed.has(&bucket.name))
        });
        let buckets = shown.map(|bucket| Bucket {
            creation_date: Some(timestamp(bucket.created as f64)),
            name: Some(bucket.name),
            ..Default::default()
        });
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            owner: Some(Owner {
                display_name: Some("cellhouse".to_owned()),
                id: Some("cellhouse".to_owned()),
            }),
            ..Default::default()
        }))
    }

    pub(crate) async fn head_of_bucket(
        &self,
        input: HeadBucketInput,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.bucket(&input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(REGION.to_owned()),
            ..Default::default()
        }))
    }

    pub(crate) async fn location(
        &self,
        input: GetBucketLocationInput,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.bucket(&input.bucket)?;
        Ok(S3Response::new(GetBucketLocationOutput {
            location_constraint: Some(BucketLocationConstraint::from_static(REGION)),
        }))
    }

    pub(crate) async fn make_bucket(
        &self,
        input: CreateBucketInput,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        check_bucket_name(&input.bucket).map_err(crate::error::of)?;
        if self
            .r2()
            .find_bucket(&input.bucket)
            .map_err(crate::error::of)?
            .is_some()
        {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "The bucket you tried to create already exists, and you own it."
            ));
        }
        self.r2().bucket(&input.bucket).map_err(crate::error::of)?;
        self.r2().durable().await.map_err(crate::error::of)?;
        Ok(S3Response::new(CreateBucketOutput {
            location: Some(format!("/{}", input.bucket)),
        }))
    }

    pub(crate) async fn remove_bucket(
        &self,
        input: DeleteBucketInput,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.r2()
            .delete_bucket(&input.bucket)
            .map_err(crate::error::of)?;
        self.r2().durable().await.map_err(crate::error::of)?;
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }
}
