"""The protocols of the services: pure, one folder per service."""
