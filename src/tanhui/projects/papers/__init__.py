"""Papers that are written from the data of a development or a monitoring period."""
