"""Which subscribers are taken to consume."""

from faststream.rabbit import RabbitBroker, RabbitQueue

from practio_chassis.broker.channel_recovery import ChannelRecovery


def test_a_subscriber_that_was_not_started_does_not_consume() -> None:
    broker = RabbitBroker("amqp://127.0.0.1/")
    assert ChannelRecovery(broker).consuming
    broker.subscriber(RabbitQueue("rooms.commands", declare=False))
    assert not ChannelRecovery(broker).consuming
