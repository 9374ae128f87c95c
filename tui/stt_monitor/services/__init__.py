"""What the services speak: pure, one folder a service."""
