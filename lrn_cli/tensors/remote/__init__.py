"""What is behind URLs: objects of S3 and Google Cloud, files of web servers; fsspec, an extra, moves them."""
