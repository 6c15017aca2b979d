"""How the service is: its health, its status, what the operator hears."""
