-- What one database of an instance grants, run in it by its owner or a superuser after roles.sql; running it again changes nothing.
ALTER DEFAULT PRIVILEGES FOR ROLE orrery_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO orrery_app;
ALTER DEFAULT PRIVILEGES FOR ROLE orrery_owner GRANT USAGE, SELECT ON SEQUENCES TO orrery_app;
ALTER DEFAULT PRIVILEGES FOR ROLE orrery_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE orrery_owner GRANT EXECUTE ON FUNCTIONS TO orrery_app;
