"""Two ways for events to travel, one behaviour: RabbitMQ between processes, or in memory within one."""
