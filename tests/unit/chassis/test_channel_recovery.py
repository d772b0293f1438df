"""What channel recovery reads of FastStream, which has no public names for it."""

from faststream.rabbit import RabbitBroker, RabbitQueue
from faststream.rabbit.subscriber.usecase import RabbitSubscriber

from practio_chassis.broker.channel_recovery import ChannelRecovery


def test_a_subscriber_has_its_queue_and_its_consumer_tag_where_they_are_looked_for() -> None:
    assert {"_queue_obj", "_consumer_tag"} <= set(RabbitSubscriber.__slots__)


def test_a_subscriber_that_was_not_started_does_not_consume() -> None:
    broker = RabbitBroker("amqp://127.0.0.1/")
    assert ChannelRecovery(broker).consuming
    broker.subscriber(RabbitQueue("rooms.commands", declare=False))
    assert not ChannelRecovery(broker).consuming
