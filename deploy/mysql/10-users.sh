# Sourced by the image's entry point when the volume is made. etl makes both databases itself; the exporter may look, not read tables.
docker_process_sql --database=mysql <<SQL
GRANT ALL PRIVILEGES ON etl_metadata.* TO 'etl'@'%';
GRANT ALL PRIVILEGES ON KAFKA_DB.* TO 'etl'@'%';
CREATE USER 'exporter'@'%' IDENTIFIED BY '${EXPORTER_PASSWORD}' WITH MAX_USER_CONNECTIONS 3;
GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR ON *.* TO 'exporter'@'%';
SQL
